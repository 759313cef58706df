import { chartsNotChecked } from '../../cli/validate/chartsNotChecked';
import { cluster, object, tree } from '../gitops/diff/trees';

const release = (name: string) =>
  object('HelmRelease', name, { apiVersion: 'helm.toolkit.fluxcd.io/v2' }, { file: 'app/releases.yaml' });
const text = ['one', 'two']
  .map(
    (name) =>
      `---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: ${name}\n  namespace: app\n`,
  )
  .join('');
const clusters = [
  cluster('a', [release('one'), release('two'), object('ConfigMap', 'other')]),
  cluster('b', [release('one')]),
];

test('lists each HelmRelease once, whichever clusters have it', () => {
  const rest = {
    rule: 'charts',
    reason: 'charts are rendered only with --charts',
    what: 'what its chart renders from the values',
  };
  expect(JSON.parse(JSON.stringify(chartsNotChecked(tree(clusters, { 'app/releases.yaml': text }))))).toEqual([
    { ...rest, object: 'HelmRelease app/one', clusters: ['a', 'b'], file: 'app/releases.yaml', line: 2 },
    { ...rest, object: 'HelmRelease app/two', clusters: ['a'], file: 'app/releases.yaml', line: 8 },
  ]);
});

test('reads no file until someone asks for a line', () => {
  const read = jest.fn(() => text);
  const entries = chartsNotChecked({ ...tree(clusters), read });
  expect([entries.length, read.mock.calls]).toEqual([2, []]);
  expect([entries[1]?.line, read.mock.calls]).toEqual([8, [['app/releases.yaml']]]);
});
