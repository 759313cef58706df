import { findCycles } from '../../../gitops/checks/structure/cycles';
import { readyBefore } from '../../../gitops/checks/structure/dependencies';
import { dependencyCycle, dependsOnNothing } from '../../../gitops/checks/structure/dependsOn';
import { handTree, said } from './handTree';

const on = (...names: string[]): { dependsOn: { name: string }[] } => ({ dependsOn: names.map((name) => ({ name })) });

describe('cycles', () => {
  const cycles = (edges: Record<string, string[]>): string[][] => findCycles(new Map(Object.entries(edges)));

  test('none in an order, and edges to nowhere do not count', () => {
    expect(cycles({ a: ['b', 'c'], b: ['c', 'gone'], c: [] })).toEqual([]);
  });

  test('one for each knot, the shortest from its first name', () => {
    expect(cycles({ d: ['e'], e: ['d'], a: ['b', 'c'], b: ['c'], c: ['a'] })).toEqual([
      ['a', 'c'],
      ['d', 'e'],
    ]);
  });

  test('a node that waits for itself, and one that only leads into a knot', () => {
    expect(cycles({ a: ['b'], b: ['b'] })).toEqual([['b']]);
  });
});

describe('what is ready before a Kustomization', () => {
  const ready = (id: string, ...list: Parameters<typeof handTree>[0]): string[] => {
    const [cluster] = handTree([{ name: 'flux-system' }, ...list]).clusters;
    return cluster === undefined ? [] : [...readyBefore(cluster, `flux-system/${id}`)].sort();
  };

  test('dependencies of dependencies', () => {
    const found = ready(
      'c',
      { name: 'a', parent: 'flux-system' },
      { name: 'b', parent: 'flux-system', spec: on('a') },
      { name: 'c', parent: 'flux-system', spec: on('b', 'gone') },
    );
    expect(found).toEqual(['flux-system/a', 'flux-system/b']);
  });

  test('what its parents depend on, but not its parents', () => {
    const found = ready(
      'child',
      { name: 'a', parent: 'flux-system' },
      { name: 'group', parent: 'flux-system', spec: on('a') },
      { name: 'child', parent: 'group' },
    );
    expect(found).toEqual(['flux-system/a']);
  });

  test.each([
    [true, ['flux-system/child', 'flux-system/group']],
    [false, ['flux-system/group']],
  ])('children of a dependency that has wait: %s', (wait, expected) => {
    const found = ready(
      'last',
      { name: 'group', parent: 'flux-system', spec: { wait } },
      { name: 'child', parent: 'group' },
      { name: 'last', parent: 'flux-system', spec: on('group') },
    );
    expect(found).toEqual(expected);
  });

  test('a cycle ends', () => {
    expect(
      ready(
        'a',
        { name: 'a', parent: 'flux-system', spec: on('b') },
        { name: 'b', parent: 'flux-system', spec: on('a') },
      ),
    ).toEqual(['flux-system/b']);
  });
});

describe('depends-on-nothing', () => {
  const list: Parameters<typeof handTree>[0] = [
    { name: 'flux-system' },
    { name: 'a', parent: 'flux-system', spec: on('flux-system', 'gone') },
  ];

  test('names the dependency; the entry point is one', () => {
    expect(said(dependsOnNothing, handTree(list))).toEqual([
      expect.stringContaining('depends on Kustomization flux-system/gone'),
    ]);
  });

  test('says nothing of a foreign tree that holds more than Git shows', () => {
    const open = handTree([...list, { name: 'others', parent: 'flux-system', skipped: 'external' }]);
    expect(said(dependsOnNothing, open)).toEqual([]);
  });

  test('says nothing while a Kustomization cannot be rendered', () => {
    const broken = handTree([...list, { name: 'broken', parent: 'flux-system', skipped: 'failed' }]);
    expect(said(dependsOnNothing, broken)).toEqual([]);
  });

  test('releases wait for releases', () => {
    const release =
      'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: x, namespace: a}\nspec:\n';
    const tree = handTree([
      {
        name: 'flux-system',
        files: {
          'x.yaml': `${release}  dependsOn:\n    - name: y\n`,
          'y.yaml': release.replace('name: x, namespace: a', 'name: y, namespace: b'),
        },
      },
    ]);
    expect(said(dependsOnNothing, tree)).toEqual([
      'x.yaml:6 depends on HelmRelease a/y, which this cluster does not have',
    ]);
    expect(said(dependencyCycle, tree)).toEqual([]);
  });
});
