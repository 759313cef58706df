import { createHash } from 'node:crypto';
import type { Checkout } from './checkout';

const coreNamespaces = ['kube-system', 'cert-manager', 'external-secrets', 'flux-system'];

interface KubeObject {
  kind: string;
  metadata: { name: string; namespace?: string; uid: string; ownerReferences?: { kind: string }[] };
  data?: Record<string, string>;
}

/** The core's namespaces, secrets and pods in a cluster: one line each, with uid and a digest of the data. */
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

/** A hash for comparing secrets, so that failed assertions do not print them. */
export function digest(data: unknown): string {
  return data === undefined ? '' : createHash('sha256').update(JSON.stringify(data)).digest('hex');
}
