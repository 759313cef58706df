import { join } from 'node:path';
import { loadTree } from '../../../cli/validate/loadTree';
import { bootstrapKustomizations } from '../../../cluster/bootstrapOrder';
import { listClusters } from '../../../gitops/clusterSettings';
import { describeObject } from '../../../gitops/kubernetesObject';
import { isOwnSource, renderCluster, rootKustomization } from '../../../gitops/render/renderCluster';
import type { Tree } from '../../../gitops/tree';
import { compareRenderers } from './compareRenderers';

const root = join(__dirname, '..', '..', '..');

// The program renders what the bootstrap and drift need itself; Flux's own libraries are the reference. The test of the
// fixtures compares both over those.
describe('renderCluster matches Flux', () => {
  let tree: Tree;
  beforeAll(async () => {
    tree = await loadTree({ root });
  }, 300_000);

  test('every Kustomization of every cluster, object by object', () => {
    const { same, refused, different } = compareRenderers(tree);
    expect({ refused, different }).toEqual({ refused: [], different: [] });
    const rendered = tree.clusters.flatMap(({ name, kustomizations }) =>
      kustomizations.filter(({ skipped }) => skipped !== 'external').map(({ id }) => `${name} ${id}`),
    );
    expect(same.map(([id]) => id)).toEqual(rendered);
    expect(same.filter(([, objects]) => objects === 0)).toEqual([]);
  });

  test.each(listClusters(root))('%s: entry point and bootstrap folders, object by object', (name) => {
    const cluster = tree.clusters.find((candidate) => candidate.name === name);
    const rendered = renderCluster(root, name, bootstrapKustomizations);
    const bootstrapNames = rendered.kustomizations
      .filter((kustomization) => isOwnSource(kustomization) && bootstrapKustomizations.includes(kustomization.name))
      .map((kustomization) => kustomization.name);
    const names = new Set([rootKustomization, ...bootstrapNames]);
    const nameById = new Map(cluster?.kustomizations.map((kustomization) => [kustomization.id, kustomization.name]));
    const actual = rendered.objects.map(({ kustomization, object }) => [kustomization, describeObject(object), object]);
    const expected = cluster?.objects
      .map(({ kustomization, object }) => [nameById.get(kustomization) ?? '', describeObject(object), object] as const)
      .filter(([kustomization]) => names.has(kustomization));
    const sorted = (list: readonly (readonly unknown[])[] | undefined): unknown[] | undefined =>
      list?.toSorted((a, b) => `${String(a[0])} ${String(a[1])}`.localeCompare(`${String(b[0])} ${String(b[1])}`));
    expect(sorted(actual)).toEqual(sorted(expected));
    expect(new Set(actual.map(([kustomization]) => kustomization))).toEqual(names);
  });
});
