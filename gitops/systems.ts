import { posix } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { listFileOf } from './clusterSettings';
import { type Json, groupOf, invalidObjectReason, type KubernetesObject } from './kubernetesObject';

/** The folder with one folder for each system that a cluster may list. */
export const systemsFolder = 'kubernetes/systems';

/** The folder of the system that a file belongs to: `kubernetes/systems/<system>`; undefined if it belongs to none. */
export function systemOf(file: string): string | undefined {
  const [name, ...rest] = posix.relative(systemsFolder, file).split('/');
  return name === undefined || name === '..' || rest.length === 0 ? undefined : `${systemsFolder}/${name}`;
}

/** Files of the repository, and how to read one. */
export interface SystemFiles {
  files: readonly string[];
  readonly read: (file: string) => string | undefined;
}

/** The names of the systems that declare a Flux Kustomization of a name, in order. Several are alternatives. */
export function systemsDeclaring({ files, read }: SystemFiles, kustomization: string): string[] {
  const declaring = files.filter((file) => {
    if (systemOf(file) === undefined || !file.endsWith('.yaml')) return false;
    const text = read(file);
    if (text === undefined || !text.includes(`name: ${kustomization}\n`)) return false;
    return parseAllDocuments(text).some((document) => {
      const value = document.toJS() as Json | undefined;
      if (invalidObjectReason(value) !== undefined) return false;
      const object = value as KubernetesObject;
      return groupOf(object) === 'kustomize.toolkit.fluxcd.io' && object.metadata.name === kustomization;
    });
  });
  return [...new Set(declaring.map((file) => posix.basename(posix.dirname(file))))].sort();
}

/** How a cluster's list names what a Flux Kustomization belongs to: its system, or its own name. */
export function entryOf({ file, name }: { file: string; name: string }): string {
  const system = systemOf(file);
  return system === undefined ? name : `../../systems/${posix.basename(system)}`;
}

/** What to do about a dependency that no system of a cluster has: which one to list, or what to remove. */
export function listIt(files: SystemFiles, wanted: string, cluster: string, dependent: string): string | undefined {
  const systems = systemsDeclaring(files, wanted).map((name) => `../../systems/${name}`);
  if (systems.length === 0) return undefined;
  const one = systems.length === 1 ? (systems[0] ?? '') : `one of ${systems.join(', ')}`;
  return `add ${one} to ${listFileOf(cluster)}, or remove ${dependent} from it`;
}
