import type { NotChecked } from '../../gitops/checks/check';
import { checkedRows } from '../../gitops/checkedRows';
import { kustomization, tree, treeObject } from './tree';

const shop = treeObject(
  { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'shop', namespace: 'shop' } },
  'a',
);
const whole = tree({}, { objects: [shop] });
const broken = tree({}, { objects: [shop], kustomizations: [kustomization('a/b', { skipped: 'failed' })] });
const unlisted = tree(
  { 'kubernetes/shop/deployment.yaml': '---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: gone\n' },
  { objects: [shop] },
);
const row = (id: string, object = 'Deployment shop/shop') => ({ id, object, line: 5, expires: '2030-01-01' });
const notChecked = (rule: string, object: string): NotChecked => ({
  rule,
  object,
  clusters: ['one'],
  file: 'a',
  line: 1,
  reason: 'reason',
  what: 'what',
});

test.each([
  ['a rendered object', whole, [], false, row('image-latest'), true],
  ['an object that Git lost', whole, [], false, row('image-latest', 'Deployment shop/gone'), true],
  [
    'an object of a system that no cluster lists',
    unlisted,
    [],
    false,
    row('image-latest', 'Deployment shop/gone'),
    false,
  ],
  ['an object of another name', unlisted, [], false, row('image-latest', 'Deployment shop/other'), true],
  ['an object of another kind', unlisted, [], false, row('image-latest', 'DaemonSet shop/gone'), true],
  ['a rendered object next to a broken Kustomization', broken, [], false, row('image-latest'), true],
  [
    'an object that a broken Kustomization may hold',
    broken,
    [],
    false,
    row('image-latest', 'Deployment shop/gone'),
    false,
  ],
  ['a rule that could not decide about it', whole, [notChecked('a', 'Deployment shop/shop')], false, row('a'), false],
  [
    'a rule that could not decide about one of them',
    whole,
    [notChecked('a', 'Deployment b/c')],
    false,
    row('a', 'Deployment *'),
    false,
  ],
  ['a rule that could not decide about another', whole, [notChecked('a', 'Deployment b/c')], false, row('a'), true],
  ['a rule that could decide nothing', whole, [notChecked('a', 'cluster one')], false, row('a'), false],
  ['a chart without --charts', whole, [], false, row('chart-unknown-value', 'HelmRelease a/b'), false],
  ['a chart', whole, [], true, row('chart-unknown-value', 'HelmRelease a/b'), true],
  [
    'a chart that was not pulled',
    whole,
    [notChecked('charts', 'HelmRelease a/b')],
    true,
    row('chart-api-removed', 'HelmRelease a/b'),
    false,
  ],
] as const)('%s', (_, of, entries, charts, about, judged) => {
  expect(checkedRows(of, entries, charts)(about)).toBe(judged);
});
