import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import type { KubernetesClient } from '../../clients/kubernetes/client';
import { writePrivate } from '../files';
import type { ProcessVolume } from './deploymentToProcess';
import type { KeyedData } from './kubeTypes';

/**
 * Syncs a Secret or ConfigMap volume as the kubelet does: writes its keys as files and deletes those that are gone. Returns
 * why the pod could not start yet, or undefined.
 */
export async function syncVolume(
  api: KubernetesClient,
  namespace: string,
  volume: ProcessVolume,
): Promise<string | undefined> {
  const resource = volume.kind === 'Secret' ? 'secrets' : 'configmaps';
  const object = await api.get<KeyedData>(`/api/v1/namespaces/${namespace}/${resource}/${volume.name}`);
  const name = `${volume.kind} ${namespace}/${volume.name}`;
  if (object === undefined && !volume.optional) return `${name} does not exist yet`;
  // A pod would start and wait for its certificate; a process would too, but check only every ten seconds.
  if (object !== undefined && Object.keys(object.data ?? {}).length === 0) return `${name} is still empty`;
  const encoding = volume.kind === 'Secret' ? 'base64' : 'utf8';
  writeFolder(volume.dir, object?.data ?? {}, encoding);
  return undefined;
}

/** Makes a folder contain exactly these files (0600). Leaves unchanged ones alone. */
export function writeFolder(dir: string, data: Record<string, string>, encoding: BufferEncoding): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const wanted = new Set(Object.keys(data));
  for (const file of readdirSync(dir)) if (!wanted.has(file)) rmSync(path.join(dir, file), { recursive: true });
  for (const [key, value] of Object.entries(data)) {
    const file = path.join(dir, key);
    const text = Buffer.from(value, encoding).toString('utf8');
    if (readOrUndefined(file) !== text) writePrivate(file, text);
  }
}

function readOrUndefined(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
