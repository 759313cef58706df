import { findCycles, readyBefore } from '../../../gitops/checks/facts/dependencies';
import { dependencyCycle, dependsOnNothing, timeoutShorterThanRelease } from '../../../gitops/checks/kustomizations';
import { handTree, findingsOf } from './handTree';

const on = (...names: string[]): { dependsOn: { name: string }[] } => ({ dependsOn: names.map((name) => ({ name })) });

describe('cycles', () => {
  const cycles = (edges: Record<string, string[]>): string[][] => findCycles(new Map(Object.entries(edges)));

  test('finds none in an acyclic graph, and ignores edges to unknown nodes', () => {
    expect(cycles({ a: ['b', 'c'], b: ['c', 'gone'], c: [] })).toEqual([]);
  });

  test('finds one per strongly connected component, the shortest from its first node', () => {
    expect(cycles({ d: ['e'], e: ['d'], a: ['b', 'c'], b: ['c'], c: ['a'] })).toEqual([
      ['a', 'c'],
      ['d', 'e'],
    ]);
  });

  test('finds a node that depends on itself, but not one that only leads to a cycle', () => {
    expect(cycles({ a: ['b'], b: ['b'] })).toEqual([['b']]);
  });
});

describe('readyBefore', () => {
  const ready = (id: string, ...list: Parameters<typeof handTree>[0]): string[] => {
    const [cluster] = handTree([{ name: 'flux-system' }, ...list]).clusters;
    return cluster === undefined ? [] : [...readyBefore(cluster, `flux-system/${id}`)].sort();
  };

  test('includes transitive dependencies', () => {
    const found = ready(
      'c',
      { name: 'a', parent: 'flux-system' },
      { name: 'b', parent: 'flux-system', spec: on('a') },
      { name: 'c', parent: 'flux-system', spec: on('b', 'gone') },
    );
    expect(found).toEqual(['flux-system/a', 'flux-system/b']);
  });

  test('includes the dependencies of its parents, but not the parents', () => {
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
  ])('children of a dependency with wait: %s', (wait, expected) => {
    const found = ready(
      'last',
      { name: 'group', parent: 'flux-system', spec: { wait } },
      { name: 'child', parent: 'group' },
      { name: 'last', parent: 'flux-system', spec: on('group') },
    );
    expect(found).toEqual(expected);
  });

  test('terminates on a cycle', () => {
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

  test('names the missing dependency; the entry point exists', () => {
    expect(findingsOf(dependsOnNothing, handTree(list))).toEqual([
      expect.stringContaining('depends on Kustomization flux-system/gone'),
    ]);
  });

  test('reports nothing in a third-party tree with objects that Git does not show', () => {
    const open = handTree([...list, { name: 'others', parent: 'flux-system', skipped: 'external' }]);
    expect(findingsOf(dependsOnNothing, open)).toEqual([]);
  });

  test('reports nothing while a Kustomization cannot be rendered', () => {
    const broken = handTree([...list, { name: 'broken', parent: 'flux-system', skipped: 'failed' }]);
    expect(findingsOf(dependsOnNothing, broken)).toEqual([]);
  });

  test('checks the dependencies of releases on releases', () => {
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
    expect(findingsOf(dependsOnNothing, tree)).toEqual([
      'x.yaml:6 depends on HelmRelease a/y, which does not exist on this cluster',
    ]);
    expect(findingsOf(dependencyCycle, tree)).toEqual([]);
  });
});

describe('timeout-shorter-than-release', () => {
  const release =
    'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r, namespace: n}\nspec: {timeout: 15m}\n';
  const found = (spec: Record<string, unknown>): number =>
    findingsOf(
      timeoutShorterThanRelease,
      handTree([
        { name: 'flux-system' },
        { name: 'a', parent: 'flux-system', spec: { timeout: '5m', ...spec }, files: { 'r.yaml': release } },
      ]),
    ).length;
  const listed = (name: string): Record<string, unknown> => ({
    healthChecks: [{ kind: 'HelmRelease', name, namespace: 'n' }],
  });

  test('reports a Kustomization that waits for its release, by name or for everything', () => {
    expect(found({ wait: true })).toBe(1);
    expect(found(listed('r'))).toBe(1);
  });

  test('ignores one that does not, and one that waits long enough', () => {
    expect(found({})).toBe(0);
    expect(found(listed('other'))).toBe(0);
    expect(found({ ...listed('r'), timeout: '20m' })).toBe(0);
  });
});
