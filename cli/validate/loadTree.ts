import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import type { Tree, TreeCluster } from '../../gitops/tree';
import { cacheFolder } from '../../tools/cacheFolder';
import { foreignSchemaSources, schemaSources } from '../../tools/schemaSources';
import { ensureTools, inLines, isPresent } from '../../tools/toolchain';
import { gitFacts } from './gitFacts';
import { type TreeOptions, ValidateError } from './options';
import { type ProjectFacts, projectFacts } from './projectFacts';
import { renderRequest, requestedClusters } from './renderRequest';
import { runRenderer } from './runRenderer';
import { ensureSchemas } from './schemas';

/** The folder of this repository that Flux reads. */
const gitopsFolder = 'kubernetes';

/** Path of the pinned renderer; builds it if it is missing. */
export async function rendererPath(onProgress: (line: string) => void = () => undefined): Promise<string> {
  const paths = await ensureTools(['flux-render'], inLines(onProgress));
  return paths['flux-render'];
}

/**
 * Renders a repository with Flux's own libraries and checks every object against its schema.
 * @throws ValidateError if the options are invalid, the renderer fails, or what must not be built is missing
 * @throws ToolError if the renderer or the schemas are not available
 */
export async function loadTree(options: TreeOptions): Promise<Tree> {
  const root = resolve(options.root);
  const ours = (options.entries ?? []).length === 0;
  const clusters = requestedClusters({ ...options, root });
  if (options.build === false && options.renderer === undefined && !isPresent('flux-render')) {
    throw new ValidateError('the renderer is not built; `npm run validate` builds it');
  }
  const renderer = options.renderer ?? (await rendererPath(options.onProgress));
  const sources = ours ? schemaSources : foreignSchemaSources;
  const schemas = options.schemas ?? (await ensureSchemas(renderer, options.onProgress, sources, options.build));
  const cache = options.cache === false ? '' : join(cacheFolder(), 'rendered');
  const facts = options.git ?? (await gitFacts(root));
  const request = renderRequest({ ...options, root }, clusters, { cache, schemas }, facts);
  const answering = runRenderer<{ clusters: TreeCluster[] }>(renderer, request, options.onProgress);
  // While the renderer works.
  const files = filesBelow(root, ours ? gitopsFolder : '', new Set(facts.hidden));
  const project: ProjectFacts = ours ? projectFacts(root) : { stacks: [] };
  const answer = await answering;
  return {
    root,
    clusters: answer.clusters,
    ...project,
    files,
    read: reader(root),
    exists: (path) => resolve(root, path).startsWith(root + sep) && existsSync(resolve(root, path)),
  };
}

/** Reads files of a repository and caches them; undefined for a path outside it or one that is not a readable file. */
function reader(root: string): (file: string) => string | undefined {
  const texts = new Map<string, string | undefined>();
  return (file) => {
    if (texts.has(file)) return texts.get(file);
    const path = resolve(root, file);
    let text: string | undefined;
    try {
      // Reading a pipe would wait for a writer.
      const isInside = path.startsWith(root + sep) && statSync(path).isFile();
      text = isInside ? readFileSync(path, 'utf8') : undefined;
    } catch {
      text = undefined;
    }
    texts.set(file, text);
    return text;
  };
}

/** Every file below a folder, relative to the root, sorted. Skips what Git ignores, dotfiles and node_modules. */
function filesBelow(root: string, folder: string, hidden: ReadonlySet<string>): string[] {
  const found: string[] = [];
  const visit = (parent: string): void => {
    for (const entry of readdirSync(join(root, parent), { withFileTypes: true })) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      const path = parent === '' ? entry.name : `${parent}/${entry.name}`;
      if (hidden.has(path)) continue;
      if (entry.isDirectory()) visit(path);
      else found.push(path);
    }
  };
  visit(folder);
  return found.sort();
}
