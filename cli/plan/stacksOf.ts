import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../clients/userError';
import { stackFileName } from '../../cluster/names';
import { listClusters } from '../../gitops/clusterSettings';

/** The stacks of a repository, sorted: the clusters with a stack file. */
export function stacksOf(root: string): string[] {
  return listClusters(root).filter((name) => existsSync(join(root, stackFileName(name))));
}

/**
 * The stacks that a command line names; all if it names none.
 * @throws UserError for one that does not exist
 */
export function selectedStacks(known: readonly string[], names: readonly string[]): readonly string[] {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new UserError(`--stack ${unknown.join(', ')}: no such stack; use one of: ${known.join(', ')}`);
  }
  return names.length === 0 ? known : names;
}
