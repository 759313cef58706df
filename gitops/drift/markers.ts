import { type KubernetesObject, isMap } from '../kubernetesObject';

const group = 'kustomize.toolkit.fluxcd.io';

/** Whether a label or an annotation of an object tells Flux how to treat it: `isMarked(object, 'ssa', 'Ignore')`. */
export function isMarked({ metadata }: KubernetesObject, name: string, value: string): boolean {
  return [metadata['labels'], metadata['annotations']].some((map) => {
    const found = isMap(map) ? map[`${group}/${name}`] : undefined;
    return typeof found === 'string' && found.toLowerCase() === value.toLowerCase();
  });
}

/** Whether Git says that Flux leaves an object alone once it exists. */
export function isLeftAlone(wanted: KubernetesObject): boolean {
  return (
    isMarked(wanted, 'reconcile', 'disabled') ||
    isMarked(wanted, 'ssa', 'Ignore') ||
    isMarked(wanted, 'ssa', 'IfNotPresent')
  );
}

/** The path of the marker that someone in the cluster set to keep Flux off an object, although Git does not. */
export function frozenBy(live: KubernetesObject, wanted: KubernetesObject): string | undefined {
  const markers = [
    ['reconcile', 'disabled'],
    ['ssa', 'Ignore'],
  ] as const;
  for (const [name, value] of markers) {
    if (!isMarked(live, name, value) || isMarked(wanted, name, value)) continue;
    const labels = live.metadata['labels'];
    const map = isMap(labels) && labels[`${group}/${name}`] !== undefined ? 'labels' : 'annotations';
    return `metadata.${map}["${group}/${name}"]`;
  }
  return undefined;
}

/**
 * Whether flux-operator keeps an object to itself, such as the namespace that it installs Flux into: Flux leaves it alone, so what
 * Git specifies for it must come through the FluxInstance.
 */
export function isOfFluxOperator(live: KubernetesObject): boolean {
  return (
    isMap(live.metadata['labels']) &&
    'fluxcd.controlplane.io/name' in live.metadata['labels'] &&
    isMarked(live, 'ssa', 'Ignore')
  );
}

/** Whether a path is that of a label that tells Flux what it applied. */
export function isOwnerLabel(path: string): boolean {
  return path === `metadata.labels["${group}/name"]` || path === `metadata.labels["${group}/namespace"]`;
}

/** An object with the labels that tell Flux what it applied. */
export function withOwnerLabels(
  object: KubernetesObject,
  owner: { name: string; namespace: string },
): KubernetesObject {
  const own = object.metadata['labels'];
  const labels = { ...(isMap(own) ? own : {}), [`${group}/name`]: owner.name, [`${group}/namespace`]: owner.namespace };
  return { ...object, metadata: { ...object.metadata, labels } };
}
