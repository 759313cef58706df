import { existsSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { BuiltObject } from '../kubernetesObject';
import { buildFolder, readObjects } from './kustomization';
import { type Patch, applyPatches } from './patchList';

/** Whether a folder says itself what it consists of. */
const isListed = (root: string, folder: string): boolean => existsSync(join(root, folder, 'kustomization.yaml'));

/**
 * Builds a folder as kustomize-controller 1.7 does: where it has no kustomization file, of every YAML file in it and below, with a
 * folder that has one as a whole. Throws a ManifestError with every problem.
 */
export function buildAnyFolder(root: string, folder: string, patches: Patch[]): BuiltObject[] {
  if (isListed(root, folder)) return buildFolder(root, folder, patches);
  const objects = below(root, folder);
  applyPatches(objects, patches);
  return objects;
}

function below(root: string, folder: string): BuiltObject[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) return isListed(root, path) ? buildFolder(root, path) : below(root, path);
      return /\.ya?ml$/.test(entry.name) ? readObjects(root, path) : [];
    });
}
