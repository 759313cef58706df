import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from '../../../clients/kubernetes/client';
import { KubernetesRefused } from '../../../clients/kubernetes/errors';
import { mapConcurrently } from '../../../clients/process/mapConcurrently';
import { type FluxState, fluxStateOf, timeoutOf } from '../../../gitops/drift/fluxStates';
import { type KubernetesObject, describeObject } from '../../../gitops/kubernetesObject';

/** The kinds of Flux, as the versions that this repository installs serve them. */
export const fluxKinds = [
  { kind: 'FluxInstance', apiVersion: 'fluxcd.controlplane.io/v1', plural: 'fluxinstances' },
  { kind: 'ResourceSet', apiVersion: 'fluxcd.controlplane.io/v1', plural: 'resourcesets' },
  { kind: 'GitRepository', apiVersion: 'source.toolkit.fluxcd.io/v1', plural: 'gitrepositories' },
  { kind: 'OCIRepository', apiVersion: 'source.toolkit.fluxcd.io/v1', plural: 'ocirepositories' },
  { kind: 'HelmRepository', apiVersion: 'source.toolkit.fluxcd.io/v1', plural: 'helmrepositories' },
  { kind: 'HelmChart', apiVersion: 'source.toolkit.fluxcd.io/v1', plural: 'helmcharts' },
  { kind: 'Bucket', apiVersion: 'source.toolkit.fluxcd.io/v1', plural: 'buckets' },
  { kind: 'Kustomization', apiVersion: 'kustomize.toolkit.fluxcd.io/v1', plural: 'kustomizations' },
  { kind: 'HelmRelease', apiVersion: 'helm.toolkit.fluxcd.io/v2', plural: 'helmreleases' },
  { kind: 'Receiver', apiVersion: 'notification.toolkit.fluxcd.io/v1', plural: 'receivers' },
  { kind: 'ImageRepository', apiVersion: 'image.toolkit.fluxcd.io/v1', plural: 'imagerepositories' },
  { kind: 'ImagePolicy', apiVersion: 'image.toolkit.fluxcd.io/v1', plural: 'imagepolicies' },
  { kind: 'ImageUpdateAutomation', apiVersion: 'image.toolkit.fluxcd.io/v1', plural: 'imageupdateautomations' },
] as const;
export type FluxKind = (typeof fluxKinds)[number]['kind'];

/** The objects of Flux in a cluster, and how each stands. */
export interface FluxObjects {
  all: readonly { object: KubernetesObject; state: FluxState }[];
  /** Kinds that could not be listed: why, and what to do. */
  refused: readonly { kind: FluxKind; why: string; todo: string }[];
}

/** The objects of a kind, with how they stand. */
export function ofKind({ all }: FluxObjects, kind: FluxKind): FluxObjects['all'] {
  return all.filter(({ object }) => object.kind === kind);
}

/** The path of an object of Flux; undefined if it is of another kind. */
export function fluxPath({ kind, metadata: { name, namespace = '' } }: KubernetesObject): string | undefined {
  const known = fluxKinds.find((candidate) => candidate.kind === kind);
  return known && `/apis/${known.apiVersion}/namespaces/${namespace}/${known.plural}/${name}`;
}

/** Lists the objects of Flux; kinds that the cluster does not have are empty. */
export async function readFluxObjects(
  api: KubernetesClient,
  kinds: readonly FluxKind[] = fluxKinds.map(({ kind }) => kind),
): Promise<FluxObjects> {
  const refused: { kind: FluxKind; why: string; todo: string }[] = [];
  const chosen = fluxKinds.filter(({ kind }) => kinds.includes(kind));
  const lists = await mapConcurrently(4, chosen, async ({ kind, apiVersion, plural }) => {
    try {
      const items = await api.list<KubernetesObject>(`/apis/${apiVersion}/${plural}`, {}, { retries: 5 });
      // Items of a list do not say their kind.
      return items.map((item) => ({ ...item, apiVersion, kind }));
    } catch (error) {
      if (!(error instanceof KubernetesRefused)) throw error;
      const forbidden = error.status === 401 || error.status === 403;
      const todo = forbidden ? `let this kubeconfig list ${kind}` : 'run drift again';
      refused.push({ kind, why: error.detail, todo });
      return [];
    }
  });
  return { all: statesOf(lists.flat()), refused };
}

/** How each object of Flux stands, dependencies included. */
export function statesOf(objects: readonly KubernetesObject[]): { object: KubernetesObject; state: FluxState }[] {
  const byName = new Map(objects.map((object) => [describeObject(object), object]));
  const memo = new Map<string, boolean>();
  const isBroken = (name: string): boolean => {
    const known = memo.get(name);
    if (known !== undefined) return known;
    memo.set(name, false); // For a circle.
    const object = byName.get(name);
    const is = object === undefined ? undefined : fluxStateOf(object, isBroken).is;
    const broken = is !== 'ready' && is !== 'reconciling';
    memo.set(name, broken);
    return broken;
  };
  return objects.map((object) => ({ object, state: fluxStateOf(object, isBroken) }));
}

/** How a run waits. */
export interface Pace {
  /** The most that a run waits for what is being reconciled. */
  waitSeconds: number;
  pollMilliseconds: number;
  signal: AbortSignal;
  note: (text: string) => void;
}

/**
 * Reads until nothing is being reconciled any more: at most as long as the longest timeout of what is, and as `pace` allows. What
 * still is stays `reconciling`.
 */
export async function settled(read: () => Promise<FluxObjects>, pace: Pace): Promise<FluxObjects> {
  const began = performance.now();
  let said = '';
  for (;;) {
    const objects = await read();
    const busy = objects.all.filter(({ state }) => state.is === 'reconciling');
    const allowed = Math.min(pace.waitSeconds, Math.max(0, ...busy.map(({ object }) => timeoutOf(object))));
    const waited = (performance.now() - began) / 1000;
    if (busy.length === 0 || waited + pace.pollMilliseconds / 1000 > allowed) return objects;
    const names = busy.map(({ object }) => describeObject(object));
    const text = `waits for ${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
    if (text !== said) pace.note(`${text}: Flux is reconciling`);
    said = text;
    await sleep(pace.pollMilliseconds, undefined, { signal: pace.signal });
  }
}
