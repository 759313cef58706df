import { secretReferences, stackSecretKeys, withStackSecrets } from '../../cluster/machine/stackSecrets';

const patch = {
  machine: {
    network: { interfaces: [{ interface: 'wg0', wireguard: { privateKey: { secretFrom: 'wireguardKey' } } }] },
  },
};

test('references are found at any depth, with their paths', () => {
  expect(secretReferences({ patches: [patch], sysctls: { a: '1' } })).toEqual([
    {
      key: 'wireguardKey',
      path: ['patches', 0, 'machine', 'network', 'interfaces', 0, 'wireguard', 'privateKey'],
    },
  ]);
});

test('a map that has secretFrom and more, or another value in it, is not a reference', () => {
  expect(secretReferences([{ secretFrom: 'a', other: 1 }, { secretFrom: 1 }, 'secretFrom'])).toEqual([]);
});

test('secrets take the place of their references, and nothing else changes', () => {
  expect(withStackSecrets({ ...patch, list: [1, null, 'a'] }, { wireguardKey: 'k' })).toEqual({
    machine: { network: { interfaces: [{ interface: 'wg0', wireguard: { privateKey: 'k' } }] } },
    list: [1, null, 'a'],
  });
});

test('a secret that no one checked is an error without its value', () => {
  expect(() => withStackSecrets(patch, { other: 'v' })).toThrow(
    new Error('secret wireguardKey is missing although the checks found it'),
  );
});

test('each secret is listed once, sorted', () => {
  expect(stackSecretKeys([patch, { a: { secretFrom: 'b' } }, patch])).toEqual(['b', 'wireguardKey']);
});
