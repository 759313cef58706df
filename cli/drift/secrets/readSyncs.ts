import type { KubernetesClient } from '../../../clients/kubernetes/client';
import { KubernetesRefused } from '../../../clients/kubernetes/errors';
import type { KubeObject } from '../../../clients/kubernetes/objects';
import { mapConcurrently } from '../../../clients/process/mapConcurrently';
import type { CouldNotTell } from '../drift';
import { objectName, type SyncKind, syncKinds, type SyncObject, targetName, wantedKeys } from './syncs';

const api = '/apis/external-secrets.io';
const maxRequests = 8;

/** What a cluster has of external-secrets. */
export interface ReadSyncs {
  objects: SyncObject[];
  /** The keys of the Secret of each ExternalSecret, by the name of the latter in findings; undefined if it does not exist. */
  targets: ReadonlyMap<string, readonly string[] | undefined>;
  couldNotTell: CouldNotTell[];
}

/** Reads the objects of external-secrets and which keys their Secrets have. Values are dropped immediately. */
export async function readSyncs(client: KubernetesClient): Promise<ReadSyncs> {
  const couldNotTell: CouldNotTell[] = [];
  const lists = await Promise.all(
    Object.entries(syncKinds).map(async ([kind, { plural, version }]): Promise<SyncObject[]> => {
      try {
        const path = `${api}/${version}/${plural}`;
        const { items = [] } = await client.request<{ items?: SyncObject[] }>('GET', path);
        return items.map((item) => ({ ...item, apiVersion: `external-secrets.io/${version}`, kind: kind as SyncKind }));
      } catch (error) {
        if (!(error instanceof KubernetesRefused)) throw error;
        // An optional kind that the API server does not serve has no objects.
        if (error.status === 404 && version !== 'v1') return [];
        couldNotTell.push(notRead(`every ${kind}`, error));
        return [];
      }
    }),
  );
  const objects = lists.flat();
  const writers = objects.filter((object) => object.kind === 'ExternalSecret' && wantedKeys(object) !== undefined);
  const targets = new Map<string, readonly string[] | undefined>();
  await mapConcurrently(maxRequests, writers, async (object) => {
    const path = secretPath(object.metadata.namespace ?? '', targetName(object));
    try {
      const secret = await client.get<KubeObject & { data?: Record<string, string> }>(path);
      targets.set(objectName(object), secret && Object.keys(secret.data ?? {}));
    } catch (error) {
      if (!(error instanceof KubernetesRefused)) throw error;
      couldNotTell.push(notRead('the Secrets of ExternalSecrets', error));
    }
  });
  return { objects, targets, couldNotTell };
}

/** The path of a Secret. */
export function secretPath(namespace: string, name: string): string {
  return `/api/v1/namespaces/${namespace}/secrets/${name}`;
}

function notRead(object: string, { status, detail }: KubernetesRefused): CouldNotTell {
  const forbidden = status === 401 || status === 403;
  return {
    layer: 'secrets',
    object,
    why: forbidden ? `the Kubernetes API does not let this identity read them (${status})` : `${status} ${detail}`,
    todo: forbidden ? 'use a kubeconfig that may' : 'make external-secrets complete again, and run drift again',
  };
}
