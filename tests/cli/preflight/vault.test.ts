import { evaluateConnect, skippedItems, withTokenAges } from '../../../cli/preflight/vault/evaluateConnect';
import { evaluateItem } from '../../../cli/preflight/vault/evaluateItem';
import { formatProblem } from '../../../cli/preflight/vault/fieldFormats';
import { type NeededItem, neededItems } from '../../../cli/preflight/vault/neededItems';
import { managedFields } from '../../../cluster/onePasswordFields';
import type { Json, KubernetesObject } from '../../../gitops/kubernetesObject';
import type { Item } from '../../../clients/onepassword/connectClient';

const managed = managedFields({ name: 'east', tsigItem: 'kubernetes/east/external-dns-rfc2136' });
const externalSecret = (spec: Json, kind = 'ExternalSecret'): KubernetesObject => {
  return { apiVersion: 'external-secrets.io/v1', kind, metadata: { name: 'one' }, spec };
};
const ref = (key: string, property?: string) => ({ remoteRef: { key, ...(property && { property }) } });

describe('the items that a cluster needs', () => {
  test('have the fields of ExternalSecrets, once each, sorted by title', () => {
    const objects = [
      externalSecret({ data: [ref('b', 'y'), ref('b', 'x')] }),
      externalSecret({ data: [ref('a', 'field/z'), ref('b', 'x')] }),
    ];
    expect(neededItems(objects, [])).toEqual([
      { title: 'a', allFields: false, fields: [{ field: 'z', createdBy: 'user' }] },
      {
        title: 'b',
        allFields: false,
        fields: [
          { field: 'x', createdBy: 'user' },
          { field: 'y', createdBy: 'user' },
        ],
      },
    ]);
  });

  test('have the password field by default, and no named field for an entire item or a file', () => {
    const spec = { data: [ref('a'), ref('f', 'file/licence')], dataFrom: [{ extract: { key: 'b' } }] };
    expect(neededItems([externalSecret(spec)], [])).toEqual([
      { title: 'a', allFields: false, fields: [{ field: 'password', createdBy: 'user' }] },
      { title: 'b', allFields: true, fields: [] },
      { title: 'f', allFields: false, fields: [] },
    ]);
  });

  test('include those of a ClusterExternalSecret, but not of other API groups', () => {
    const cluster = externalSecret({ externalSecretSpec: { data: [ref('a', 'x')] } }, 'ClusterExternalSecret');
    const foreign = { ...externalSecret({ data: [ref('b', 'x')] }), apiVersion: 'example.org/v1' };
    expect(neededItems([cluster, foreign], []).map(({ title }) => title)).toEqual(['a']);
  });

  test('say which fields the program or the cluster creates', () => {
    const pushed = { data: [{ match: { secretKey: 'k', remoteRef: { remoteKey: 'p', property: 'x' } } }] };
    const objects = [externalSecret(pushed, 'PushSecret'), externalSecret({ data: [ref('p', 'x'), ref('m', 'x')] })];
    expect(neededItems(objects, [{ title: 'm', field: 'x', category: 'api-key' }])).toEqual([
      { title: 'm', allFields: false, fields: [{ field: 'x', createdBy: 'program' }] },
      { title: 'p', allFields: false, fields: [{ field: 'x', createdBy: 'cluster' }] },
    ]);
  });
});

describe('the result of an item', () => {
  const needed = (fields: NeededItem['fields'], allFields = false): NeededItem => ({ title: 't', allFields, fields });
  const byUser = needed([{ field: 'token', createdBy: 'user' }]);
  const item = (fields: Record<string, string>, id = 'i1'): Item => ({
    id,
    title: 't',
    version: 1,
    createdAt: '2026-01-01T00:00:00Z',
    fields: Object.entries(fields).map(([label, value]) => ({ label, value })),
  });
  const evaluate = (neededItem: NeededItem, ...found: Item[]) => {
    const { state, why, fix } = evaluateItem(neededItem, found, 'k8s-gitops', managed);
    return [state, why, fix];
  };

  test('complete', () => {
    expect(evaluateItem(byUser, [item({ token: 'x' })], 'k8s-gitops', managed)).toEqual({
      id: 'item:t',
      what: '1Password item t',
      state: 'ok',
      why: 'field token',
      fix: '',
    });
  });

  test('missing', () => {
    expect(evaluate(byUser)).toEqual(['failed', 'is missing', 'create it in the vault k8s-gitops with field token']);
    expect(evaluate(needed([], true))).toEqual(['failed', 'is missing', 'create it in the vault k8s-gitops']);
  });

  test('with a field of the program that has reached its maximum age', () => {
    const title = 'kubernetes/east/flux';
    const marks = JSON.stringify({ 'webhook-token': { at: '2026-01-01T00:00:00.000Z' } });
    const flux = { ...item({ 'webhook-token': 'x', 'made-by-k8s-gitops': marks }), title };
    const neededFlux = { ...needed([{ field: 'webhook-token', createdBy: 'program' }]), title };
    const at = (now: string) => evaluateItem(neededFlux, [flux], 'k8s-gitops', managed, new Date(now));
    expect(at('2026-03-31T00:00:00Z').state).toBe('ok');
    expect(at('2026-04-02T00:00:00Z')).toEqual({
      id: `item:${title}`,
      what: `1Password item ${title}`,
      state: 'warning',
      why: 'field webhook-token is 91 days old; the maximum for api-key was reached at 2026-04-01T00:00:00.000Z',
      fix: 'rotate it as docs/secrets.md says',
    });
  });

  test('missing, but created by the program or the cluster', () => {
    expect(evaluate(needed([{ field: 'x', createdBy: 'program' }]))).toEqual([
      'ok',
      'not created yet: `up` creates it',
      '',
    ]);
    expect(evaluate(needed([{ field: 'x', createdBy: 'cluster' }]))).toEqual([
      'ok',
      'not created yet: the cluster creates it',
      '',
    ]);
  });

  test('with a field that is missing, empty, duplicated or surrounded by whitespace', () => {
    expect(evaluate(byUser, item({ other: 'x' }))).toEqual(['failed', 'field token is missing', 'add the field token']);
    expect(evaluate(byUser, item({ token: ' ' }))).toEqual([
      'failed',
      'field token is empty',
      'correct the field token',
    ]);
    const twice = item({ token: 'x' });
    twice.fields?.push({ label: 'token', value: 'y' });
    expect(evaluate(byUser, twice)).toEqual(['failed', 'field token exists 2 times', 'delete all but one field token']);
    expect(evaluate(byUser, item({ token: 'secret\n' }))).toEqual([
      'failed',
      'field token has leading or trailing whitespace',
      'correct the field token',
    ]);
  });

  test('duplicated', () => {
    expect(evaluate(byUser, item({ token: 'x' }), item({ token: 'x' }, 'i2'))).toEqual([
      'failed',
      'exists 2 times (i1 of 2026-01-01T00:00:00Z, i2 of 2026-01-01T00:00:00Z)',
      'delete all but one in the vault k8s-gitops',
    ]);
  });

  test('without a field that the program generates, next to one of a user', () => {
    const both = needed([...byUser.fields, { field: 'generated', createdBy: 'program' }]);
    expect(evaluate(both, item({ token: 'x' }))).toEqual(['ok', 'field token; not created yet: field generated', '']);
    expect(evaluate(both, item({ token: 'x', generated: '' }))).toEqual([
      'failed',
      'field generated is empty',
      'remove the field generated: `up` generates it',
    ]);
  });

  test('without any value, if all of its fields are read', () => {
    expect(evaluate(needed([], true), item({ a: 'x' }))).toEqual(['ok', 'exists', '']);
    expect(evaluate(needed([], true), item({ a: '' }))).toEqual([
      'failed',
      'has no field with a value',
      'add its fields in the vault k8s-gitops',
    ]);
  });
});

describe('the format of a field', () => {
  const base64 = (length: number) => Buffer.alloc(length, 1).toString('base64');
  const tunnelToken = Buffer.from(JSON.stringify({ a: 'account', t: 'tunnel', s: base64(32) })).toString('base64');
  const pem = '-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n';
  const talosconfig = 'context: east\ncontexts:\n  east: { ca: Y2E=, crt: Y3J0, key: a2V5 }\n';

  test.each([
    ['ciliumCa', pem, 'not a key', 'a PEM private key'],
    ['tunnelSecret', base64(32), base64(31), 'base64 of at least 32 bytes'],
    ['tunnelToken', tunnelToken, base64(32), 'a tunnel token'],
    ['certManagerToken', 'a'.repeat(40), 'a'.repeat(39), 'a Cloudflare API token'],
    ['externalDnsToken', 'a_-B'.repeat(10), 'a b'.repeat(20), 'a Cloudflare API token'],
    ['tsigSecret', base64(32), 'not base64!', 'base64'],
    ['kubeconfig', 'apiVersion: v1\nkind: Config\n', 'kind: [', 'a kubeconfig'],
    ['talosconfig', talosconfig, 'context: west', 'a talosconfig'],
  ] as const)('of %s', (name, good, bad, expected) => {
    const { title, field } = managed[name];
    expect(formatProblem(title, field, good, managed)).toBeUndefined();
    expect(formatProblem(title, field, bad, managed)).toBe(`is not ${expected}`);
    expect(formatProblem(title, 'another field', bad, managed)).toBeUndefined();
  });

  test('allows trailing whitespace in multi-line values', () => {
    expect(formatProblem('t', 'f', pem, managed)).toBeUndefined();
    expect(formatProblem('t', 'f', 'a: 1\nb: 2\n', managed)).toBeUndefined();
  });
});

describe('the results of Connect', () => {
  const show = (...problems: Parameters<typeof evaluateConnect>[0]) =>
    evaluateConnect(problems, 'k8s-gitops').map(({ id, state, why, fix }) => [id, state, why, fix]);
  const reads = { token: 'connectToken' as const, why: 'why', fix: 'fix' };
  const writes = { ...reads, token: 'connectWriteToken' as const };

  test('both tokens are valid', () => {
    expect(show()).toEqual([
      ['connect:read-token', 'ok', 'accepted', ''],
      ['connect:write-token', 'ok', 'accepted', ''],
      ['connect:vault', 'ok', 'exists', ''],
    ]);
  });

  test('one token is rejected: it fails', () => {
    expect(show({ ...reads, kind: 'token' })).toEqual([
      ['connect:read-token', 'failed', 'why', 'fix'],
      ['connect:write-token', 'ok', 'accepted', ''],
      ['connect:vault', 'ok', 'exists', ''],
    ]);
  });

  test('one token expires soon: a warning, and the items are checked', () => {
    const results = evaluateConnect([{ ...reads, kind: 'expires-soon' }], 'k8s-gitops');
    expect(results.map(({ id, state, fix }) => [id, state, fix])).toEqual([
      ['connect:read-token', 'warning', 'fix'],
      ['connect:write-token', 'ok', ''],
      ['connect:vault', 'ok', ''],
    ]);
    expect(skippedItems(results, [])).toBeUndefined();
  });

  test('one token has reached its maximum age', () => {
    const issuedAt = { connectToken: '2026-01-01T00:00:00.000Z', connectWriteToken: '2026-01-02T00:00:00.000Z' };
    const results = withTokenAges(evaluateConnect([], 'k8s-gitops'), issuedAt, new Date('2026-04-01T00:00:00Z'));
    expect(results.map(({ id, state, why }) => [id, state, why])).toEqual([
      ['connect:read-token', 'warning', 'accepted, but reached its maximum age at 2026-04-01T00:00:00.000Z'],
      ['connect:write-token', 'ok', 'accepted'],
      ['connect:vault', 'ok', 'exists'],
    ]);
  });

  test('one token does not see the vault: the token fails', () => {
    expect(show({ ...writes, kind: 'no-vault' }).map(([id, state]) => [id, state])).toEqual([
      ['connect:read-token', 'ok'],
      ['connect:write-token', 'failed'],
      ['connect:vault', 'ok'],
    ]);
  });

  test('neither token sees the vault: the vault fails', () => {
    expect(show({ ...reads, kind: 'no-vault' }, { ...writes, kind: 'no-vault' })).toEqual([
      ['connect:read-token', 'ok', 'accepted', ''],
      ['connect:write-token', 'ok', 'accepted', ''],
      [
        'connect:vault',
        'failed',
        'neither token sees it',
        'correct ONEPASSWORD_VAULT in the cluster settings, or give both tokens access to that vault',
      ],
    ]);
  });

  test('both tokens are rejected: the vault is skipped', () => {
    expect(show({ ...reads, kind: 'token' }, { ...writes, kind: 'token' })[2]).toEqual([
      'connect:vault',
      'skipped',
      'both tokens failed',
      '',
    ]);
  });

  test('items are skipped if Connect, the read token or the vault failed', () => {
    const item: NeededItem = { title: 't', allFields: false, fields: [] };
    const results = evaluateConnect([{ ...reads, kind: 'token' }], 'k8s-gitops');
    expect(skippedItems(results, [item])).toEqual([
      {
        id: 'item:t',
        what: '1Password item t',
        state: 'skipped',
        why: 'depends on 1Password read token (connectToken), which failed',
        fix: '',
      },
    ]);
    expect(skippedItems(evaluateConnect([{ ...writes, kind: 'token' }], 'k8s-gitops'), [item])).toBeUndefined();
  });
});
