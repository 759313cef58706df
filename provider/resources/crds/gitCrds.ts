import { readFile, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { parse } from 'yaml';
import { UserError } from '../../../clients/userError';
import { isCrd, readObjects, type CrdObject } from './crdObjects';

/** Supported keys of a kustomization.yaml; any other one could transform the definitions. */
const supportedKeys = new Set(['apiVersion', 'kind', 'resources']);

/**
 * The CustomResourceDefinitions that the kustomization.yaml of a folder lists, nested folders included. `name` is the
 * name of the source, for error messages.
 *
 * @throws UserError for a file outside the checkout, an object of another kind, or a kustomization with other keys
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
  const unsupported = Object.keys(kustomization).filter((key) => !supportedKeys.has(key));
  if (unsupported.length > 0) {
    throw new UserError(
      `${where}: uses ${unsupported.join(', ')}; only a list of resources can be applied ahead of Flux`,
    );
  }
  const crds: CrdObject[] = [];
  for (const resource of resourcesOf(kustomization, where)) {
    const target = await realpath(join(folder, resource)).catch(() => {
      throw new UserError(
        `${where}: lists ${resource}, which does not exist there; remote resources are not supported`,
      );
    });
    if (!target.startsWith(source.root + sep)) throw new UserError(`${where}: ${resource} is outside the repository`);
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
      `${where}: ${object.kind ?? 'object'} ${object.metadata?.name ?? ''} is not a CustomResourceDefinition; ` +
        'only those can be applied ahead of Flux',
    );
  });
}
