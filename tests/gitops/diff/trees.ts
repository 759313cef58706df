import type { JsonMap } from '../../../gitops/kubernetesObject';
import type { Tree, TreeCluster, TreeKustomization, TreeObject } from '../../../gitops/tree';

/** An object for a test tree. */
export function object(
  kind: string,
  name: string,
  more: JsonMap = {},
  treeObject: Partial<TreeObject> = {},
): TreeObject {
  return {
    kustomization: 'flux-system/app',
    object: { apiVersion: 'v1', kind, metadata: { name, namespace: 'app' }, ...more },
    file: `app/${name}.yaml`,
    generated: false,
    variables: [],
    ...treeObject,
  };
}

/** A Kustomization for a test tree. */
export function kustomization(name: string, more: Partial<TreeKustomization> = {}): TreeKustomization {
  const metadata = { name, namespace: 'flux-system' };
  return {
    id: `flux-system/${name}`,
    ...metadata,
    object: { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', metadata },
    file: 'entry.yaml',
    path: name,
    variables: {},
    files: [],
    ...more,
  };
}

/** A cluster for a test tree. */
export function cluster(name: string, objects: TreeObject[], kustomizations = [kustomization('app')]): TreeCluster {
  const coverage = { checked: 0, total: objects.length, kindsWithout: [] };
  return { name, entry: `clusters/${name}`, kustomizations, objects, problems: [], coverage };
}

/** A tree of clusters; `files` maps file names to their content. */
export function tree(clusters: TreeCluster[], files: Record<string, string> = {}): Tree {
  return {
    root: '/nowhere',
    clusters,
    stacks: [],
    files: Object.keys(files).sort(),
    read: (file) => files[file],
    exists: (path) => path in files,
  };
}
