import type { ObjectMeta } from '../../clients/kubernetes/objects';
import type { KubernetesObject } from '../../gitops/kubernetesObject';

/** Who applied an object, by Flux's labels, as findings name it: its Kustomization or HelmRelease. It may wait for the object. */
export function appliedBy({ labels = {} }: Pick<ObjectMeta, 'labels'>): string[] {
  return (['Kustomization', 'HelmRelease'] as const).flatMap((kind) => {
    const toolkit = kind === 'Kustomization' ? 'kustomize' : 'helm';
    const [name, namespace = ''] = ['name', 'namespace'].map((key) => labels[`${toolkit}.toolkit.fluxcd.io/${key}`]);
    return name === undefined ? [] : [`${kind} ${namespace}/${name}`];
  });
}

/** The first of these for an object; undefined if Flux did not apply it. */
export function ownerOf({ metadata }: KubernetesObject): string | undefined {
  return appliedBy(metadata as Pick<ObjectMeta, 'labels'>)[0];
}
