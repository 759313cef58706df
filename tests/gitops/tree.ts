import type { KubernetesObject } from '../../gitops/kubernetesObject';
import type { Tree, TreeCluster, TreeKustomization, TreeObject, TreeProblem } from '../../gitops/tree';

/** A Flux Kustomization for a test tree. */
export function kustomization(id: string, rest: Partial<TreeKustomization> = {}): TreeKustomization {
  const [namespace = '', name = ''] = id.split('/');
  const object: KubernetesObject = {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace },
  };
  return { id, name, namespace, object, file: 'one/apps.yaml', path: name, variables: {}, files: [], ...rest };
}

/** An object for a test tree, defined in `file`. */
export function treeObject(object: KubernetesObject, file: string, rest: Partial<TreeObject> = {}): TreeObject {
  return { kustomization: 'flux-system/flux-system', object, file, generated: false, variables: [], ...rest };
}

/** A test tree with one or more clusters; `files` maps file names to their content. */
export function tree(files: Record<string, string>, ...clusters: Partial<TreeCluster>[]): Tree {
  return {
    root: '/nowhere',
    stacks: [],
    files: Object.keys(files).sort(),
    read: (file) => files[file],
    exists: (path) => path in files,
    clusters: clusters.map((cluster) => ({
      name: 'one',
      entry: 'one',
      kustomizations: [kustomization('flux-system/flux-system')],
      objects: [],
      problems: [] as TreeProblem[],
      coverage: { checked: 0, total: 0, kindsWithout: [] },
      ...cluster,
    })),
  };
}
