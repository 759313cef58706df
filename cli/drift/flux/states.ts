import { explainedBy, type FluxState } from '../../../gitops/drift/fluxStates';
import { type KubernetesObject, describeObject } from '../../../gitops/kubernetesObject';
import { ownerOf } from '../appliedBy';
import type { Drift } from '../drift';
import { reconcileFix, resumeFix } from '../kubernetes/fixes';
import type { FluxObjects } from './fluxObjects';

/** The finding about how an object of Flux stands; undefined if nothing is wrong with it, or that cannot be said yet. */
export function stateFinding(
  { object, state }: { object: KubernetesObject; state: FluxState },
  { all }: FluxObjects,
): Drift | undefined {
  if (state.is === 'ready' || state.is === 'reconciling') return undefined;
  const name = describeObject(object);
  const owner = ownerOf(object);
  const explains = explainedBy(name, owner, all);
  const shared = {
    layer: 'flux',
    owner: owner ?? 'Flux',
    object: name,
    ...(explains.length > 0 && { explains }),
  } as const;
  if (state.is === 'suspended') {
    const fix = resumeFix(object);
    return {
      ...{ id: 'flux-suspended', ...shared },
      why: `it is suspended${state.by === undefined ? '' : `, by ${state.by}`}: Flux does not reconcile it`,
      ...(state.since !== undefined && { since: state.since }),
      todo: `resume it: flux resume ${commandName(object)}`,
      ...(fix && { fix }),
    };
  }
  const fix = state.is === 'not-ready' ? reconcileFix(object) : undefined;
  return {
    ...{ id: state.is === 'stalled' ? 'flux-stalled' : 'flux-not-ready', ...shared },
    why: `${state.reason}: ${state.message}`,
    ...(state.since !== undefined && { since: state.since }),
    todo:
      state.is === 'stalled'
        ? 'correct it in Git: Flux does not try again by itself'
        : `fix what the message says, then: flux reconcile ${commandName(object)}`,
    ...(fix && { fix }),
  };
}

const commands: Readonly<Record<string, string>> = {
  GitRepository: 'source git',
  OCIRepository: 'source oci',
  HelmRepository: 'source helm',
  HelmChart: 'source chart',
  Bucket: 'source bucket',
  ImageRepository: 'image repository',
  ImagePolicy: 'image policy',
  ImageUpdateAutomation: 'image update',
};

/** The arguments of a command of flux: `kustomization web -n flux-system`. */
export function commandName({ kind, metadata: { name, namespace = '' } }: KubernetesObject): string {
  return `${commands[kind] ?? kind.toLowerCase()} ${name} -n ${namespace}`;
}
