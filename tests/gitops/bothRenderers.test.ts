import { join } from 'node:path';
import { loadTree } from '../../cli/validate/loadTree';
import { bootstrapKustomizations } from '../../cluster/bootstrapOrder';
import { describeObject } from '../../gitops/kubernetesObject';
import { renderCluster } from '../../gitops/render';
import type { Tree } from '../../gitops/tree';

const root = join(__dirname, '..', '..');

// The program reads what the bootstrap needs by itself; Flux's own libraries say what that must be.
describe('the program reads what Flux will apply', () => {
  let tree: Tree;
  beforeAll(async () => {
    tree = await loadTree({ root });
  }, 300_000);

  test('of every cluster: the entry point and each folder of the bootstrap, object by object', () => {
    expect(tree.clusters.length).toBeGreaterThan(1);
    for (const { name, objects, kustomizations } of tree.clusters) {
      const rendered = renderCluster(root, name, bootstrapKustomizations);
      const read = rendered.objects.map((one) => [one.kustomization, describeObject(one.object), one.object]);
      const names = new Set(rendered.objects.map(({ kustomization }) => kustomization));
      const short = new Map(kustomizations.map((one) => [one.id, one.name]));
      const byFlux = objects
        .map((one) => [short.get(one.kustomization) ?? '', describeObject(one.object), one.object] as const)
        .filter(([kustomization]) => names.has(kustomization));
      const sorted = (list: readonly (readonly unknown[])[]): unknown[] =>
        [...list].sort((a, b) => `${String(a[0])} ${String(a[1])}`.localeCompare(`${String(b[0])} ${String(b[1])}`));
      expect(sorted(read)).toEqual(sorted(byFlux));
      expect(read.length).toBeGreaterThan(20);
    }
  });
});
