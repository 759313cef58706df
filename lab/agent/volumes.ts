import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { writePrivate } from '../files';
import type { ProcessVolume } from './deploymentToProcess';
import type { KubeApi } from './kubeApi';
import type { KeyedData } from './kubeTypes';

/**
 * Does the kubelet's work for one Secret or ConfigMap volume: its keys become files, changed ones are rewritten, vanished
 * ones go. Returns why the pod could not start yet, or undefined.
 */
export async function syncVolume(api: KubeApi, namespace: string, volume: ProcessVolume): Promise<string | undefined> {
  const resource = volume.kind === 'Secret' ? 'secrets' : 'configmaps';
  const object = await api.find<KeyedData>(`/api/v1/namespaces/${namespace}/${resource}/${volume.name}`);
  const name = `${volume.kind} ${namespace}/${volume.name}`;
  if (object === undefined && !volume.optional) return `${name} is not there yet`;
  // A pod would start and wait for the certificate in it; so would the process, with ten seconds between looks.
  if (object !== undefined && Object.keys(object.data ?? {}).length === 0) return `${name} is empty so far`;
  const encoding = volume.kind === 'Secret' ? 'base64' : 'utf8';
  writeFolder(volume.dir, object?.data ?? {}, encoding);
  return undefined;
}

/** Makes a folder hold exactly these files (0600); unchanged ones are not touched. */
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
