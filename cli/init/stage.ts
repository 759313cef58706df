import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { stackFileName } from '../../cluster/names';
import { clusterFolder } from '../../gitops/clusterSettings';

/** A copy of the repository in which a plan is tried before anything of the repository changes. */
export interface Stage {
  /** The folder of the copy. */
  root: string;
  write(file: string, text: string): void;
  /** Removes the copy. */
  close(): void;
}

/** Of no interest to a plan, and large. */
const leftOut = ['.git', '.lab', 'node_modules'];

/** What belongs to a cluster in a repository: its stack file, its folder, and what only its program does. */
export function filesOfCluster(cluster: string): string[] {
  return [stackFileName(cluster), `stacks/${cluster}.ts`, clusterFolder(cluster)];
}

/**
 * Copies what a plan may change, and links to the rest, which patches of machines may refer to.
 * @param without clusters that the copy does not have
 */
export function stage(repository: string, without: readonly string[]): Stage {
  const root = mkdtempSync(join(tmpdir(), 'k8s-gitops-init-'));
  const removed = without.flatMap(filesOfCluster).map((file) => join(repository, ...file.split('/')));
  for (const name of readdirSync(repository).filter((entry) => !leftOut.includes(entry))) {
    const source = join(repository, name);
    const isChanged = name === 'kubernetes' || /^Pulumi\..+\.yaml$/.test(name);
    if (!isChanged) symlinkSync(source, join(root, name));
    else cpSync(source, join(root, name), { recursive: true, filter: (path) => !isBelow(path, removed) });
  }
  return {
    root,
    write: (file, text) => {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path === folder || path.startsWith(`${folder}${sep}`));
}

/** The text of a file; undefined if it does not exist. */
export function textIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
