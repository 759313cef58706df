import { entryOf, listIt, systemOf, systemsDeclaring } from '../../gitops/systems';

const ks = (...names: string[]): string =>
  names
    .map((name) => `---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: ${name}\n`)
    .join('');
const texts: Record<string, string> = {
  'kubernetes/systems/core/ks.yaml': ks('cilium', 'coredns'),
  'kubernetes/systems/issuer-a/ks.yaml': ks('issuer'),
  'kubernetes/systems/issuer-b/ks.yaml': ks('issuer'),
  // It names one, and declares none.
  'kubernetes/systems/gateway/ks.yaml': `${ks('gateway')}spec:\n  dependsOn:\n    - name: issuer\n`,
  'kubernetes/systems/gateway/kustomization.yaml': 'resources:\n  - ks.yaml\n',
  'kubernetes/infrastructure/other.yaml': ks('other'),
};
const files = { files: Object.keys(texts), read: (file: string): string | undefined => texts[file] };

test.each<[string, string | undefined]>([
  ['kubernetes/systems/core/ks.yaml', 'kubernetes/systems/core'],
  ['kubernetes/systems/core/more/x.yaml', 'kubernetes/systems/core'],
  ['kubernetes/systems/README.md', undefined],
  ['kubernetes/infrastructure/x/y.yaml', undefined],
  ['kubernetes/systems', undefined],
])('%s belongs to %s', (file, system) => expect(systemOf(file)).toBe(system));

test.each<[string, string[]]>([
  ['coredns', ['core']],
  ['issuer', ['issuer-a', 'issuer-b']],
  ['gateway', ['gateway']],
  ['other', []],
  ['cili', []],
])('%s is declared by %s', (name, systems) => expect(systemsDeclaring(files, name)).toEqual(systems));

test('what to remove from a list is the system, or what has none', () => {
  expect(entryOf({ file: 'kubernetes/systems/core/ks.yaml', name: 'cilium' })).toBe('../../systems/core');
  expect(entryOf({ file: 'kubernetes/clusters/one/apps.yaml', name: 'app' })).toBe('app');
});

test.each<[string, string | undefined]>([
  [
    'coredns',
    'add ../../systems/core to kubernetes/clusters/one/kustomization.yaml, or remove ../../systems/x from it',
  ],
  [
    'issuer',
    'add one of ../../systems/issuer-a, ../../systems/issuer-b to kubernetes/clusters/one/kustomization.yaml, or remove ../../systems/x from it',
  ],
  ['other', undefined],
])('the remedy for a lack of %s', (wanted, remedy) => {
  expect(listIt(files, wanted, 'one', '../../systems/x')).toBe(remedy);
});
