import { createHash } from 'node:crypto';
import type { Checkout } from './checkout';

const coreNamespaces = ['kube-system', 'cert-manager', 'external-secrets', 'flux-system'];

interface KubeObject {
  kind: string;
  metadata: { name: string; namespace?: string; uid: string; ownerReferences?: { kind: string }[] };
  data?: Record<string, string>;
}

/** What the core is made of in a cluster: a line for each namespace, secret and pod, with its uid and a digest of its data. */
export async function inventory(checkout: Checkout, cluster: string): Promise<string[]> {
  const objects = await checkout.get<KubeObject>(cluster, 'namespaces,secrets,pods', '-A');
  return objects
    .filter(({ metadata }) => coreNamespaces.includes(metadata.namespace ?? metadata.name))
    .filter(({ metadata }) => !metadata.ownerReferences?.some(({ kind }) => kind === 'Job'))
    .map(
      ({ kind, metadata, data }) =>
        `${kind} ${metadata.namespace ?? ''}/${metadata.name} ${metadata.uid} ${digest(data)}`,
    )
    .sort();
}

/** What secret things are compared by, so that no failure shows one. */
export function digest(data: unknown): string {
  return data === undefined ? '' : createHash('sha256').update(JSON.stringify(data)).digest('hex');
}
