import type { LayerName } from '../../../cli/drift/drift';
import type { KubeObject } from '../../../clients/kubernetes/objects';
import type { Expected, Tamper } from '../tamper';
import type { World } from '../world';

/** An object of a cluster, for tampers. */
export interface Place {
  /** `Kind namespace/name`, as findings name it. */
  object: string;
  path: string;
}

/** Where an object is: `place('apps/v1', 'deployments', 'Deployment', 'kube-system/coredns')`. */
export function place(apiVersion: string, plural: string, kind: string, name: string): Place {
  const api = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const [first = '', second] = name.split('/');
  const where = second === undefined ? `${plural}/${first}` : `namespaces/${first}/${plural}/${second}`;
  return { object: `${kind} ${name}`, path: `${api}/${where}` };
}

/** Changes fields of an object by hand. Without a field, the finding is about the whole object. */
export function patched(
  name: string,
  layer: LayerName,
  { object, path }: Place,
  patch: Record<string, unknown>,
  field?: string,
): Tamper {
  return {
    name,
    layer,
    expect: [{ layer, object, ...(field && { field }) }],
    apply: (world) => world.patch(path, patch),
  };
}

/** Deletes an object by hand. */
export function deleted(name: string, layer: LayerName, { object, path }: Place): Tamper {
  return { name, layer, expect: [{ layer, object }], apply: (world) => world.remove(path) };
}

/** Makes an object by hand. Without an expectation, no layer may report it. */
export function created(
  name: string,
  layer: Tamper['layer'],
  { path }: Place,
  object: KubeObject & Record<string, unknown>,
  ...expect: Expected[]
): Tamper {
  return { name, layer, expect, apply: (world: World) => world.create(path.slice(0, path.lastIndexOf('/')), object) };
}

export const flux = (name: string): Place =>
  place('kustomize.toolkit.fluxcd.io/v1', 'kustomizations', 'Kustomization', `flux-system/${name}`);
export const release = (name: string): Place => place('helm.toolkit.fluxcd.io/v2', 'helmreleases', 'HelmRelease', name);
export const chart = (name: string): Place =>
  place('source.toolkit.fluxcd.io/v1', 'ocirepositories', 'OCIRepository', name);
export const policy = (name: string): Place =>
  place('cilium.io/v2', 'ciliumnetworkpolicies', 'CiliumNetworkPolicy', name);
