import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../../gitops/kubernetesObject';
import type { SchemaSource } from '../../../gitops/signals/clusterChange';

/**
 * The schemas of a folder that `ensureSchemas` built, each read when it is needed. Without the folder none is known: the
 * transition rules of CRDs are then checked only where Git or a chart declares the CRD.
 */
export function knownSchemas(folder: string | undefined): SchemaSource {
  const read = new Map<string, Json | undefined>();
  return (apiVersion, kind) => {
    const name = `${[...apiVersion.split('/'), kind].join('_')}.json`;
    if (folder === undefined || !/^[\w.-]+$/.test(name)) return undefined;
    if (!read.has(name)) {
      const file = join(folder, name);
      read.set(
        name,
        existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { schema?: Json }).schema : undefined,
      );
    }
    return read.get(name);
  };
}
