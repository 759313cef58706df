import { readFile, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { parse } from 'yaml';
import { UserError } from '../../../clients/userError';
import { isCrd, readObjects, type CrdObject } from './crdObjects';

/** What a kustomization.yaml of plain definitions may hold; anything else would change them behind our back. */
const understood = new Set(['apiVersion', 'kind', 'resources']);

/**
 * The CustomResourceDefinitions that a folder's kustomization.yaml lists, nested folders included. A file outside the
 * checkout, an object of another kind or a kustomization that does more than list is an error.
 */
export async function readGitCrds(checkout: string, path: string, name: string): Promise<CrdObject[]> {
  const root = await realpath(checkout);
  return readFolder({ root, name }, join(root, path));
}

async function readFolder(source: { root: string; name: string }, folder: string): Promise<CrdObject[]> {
  const file = join(folder, 'kustomization.yaml');
  const where = `${source.name}: ${relative(source.root, file)}`;
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UserError(`${where}: not found; correct the path or the tag of this source`);
  });
  const kustomization = (parse(text) ?? {}) as Record<string, unknown>;
  const foreign = Object.keys(kustomization).filter((key) => !understood.has(key));
  if (foreign.length > 0) {
    throw new UserError(`${where}: uses ${foreign.join(', ')}; only a list of resources can be applied ahead of Flux`);
  }
  const crds: CrdObject[] = [];
  for (const resource of resourcesOf(kustomization, where)) {
    const target = await realpath(join(folder, resource)).catch(() => {
      throw new UserError(`${where}: lists ${resource}, which does not exist there; remote resources are not followed`);
    });
    if (!target.startsWith(source.root + sep)) throw new UserError(`${where}: ${resource} lies outside the repository`);
    const isFolder = (await stat(target)).isDirectory();
    crds.push(...(isFolder ? await readFolder(source, target) : await readFileCrds(source, target)));
  }
  return crds;
}

function resourcesOf({ resources }: Record<string, unknown>, where: string): string[] {
  if (Array.isArray(resources) && resources.every((item) => typeof item === 'string')) return resources;
  throw new UserError(`${where}: has no list of resources`);
}

async function readFileCrds(source: { root: string; name: string }, file: string): Promise<CrdObject[]> {
  const where = `${source.name}: ${relative(source.root, file)}`;
  return readObjects(await readFile(file, 'utf8'), where).map((object) => {
    if (isCrd(object)) return object;
    throw new UserError(
      `${where}: ${object.kind ?? 'object'} ${object.metadata?.name ?? ''} is no CustomResourceDefinition; ` +
        'only those are applied ahead of Flux',
    );
  });
}
