import * as path from 'node:path';
import { mergedNodes } from '../../cluster/machine/machines';
import { stackFileName } from '../../cluster/names';
import { listStacks, projectName, readStackFile } from '../../cluster/stackFile';

type Values = Readonly<Record<string, unknown>>;

/** The names of a stack's control planes, in the order of the stack file. */
export function controlPlanesOf(root: string, stack: string): string[] {
  const nodes = mergedNodes(valuesOf(root, stack)) as { name: string; role: string }[];
  return nodes.filter(({ role }) => role === 'controlplane').map(({ name }) => name);
}

/** A stack with three control planes, which keeps its quorum while machines change one by one; undefined if the site has none. */
export function rollableStack(root: string): string | undefined {
  return listStacks(root)
    .reverse()
    .find((stack) => controlPlanesOf(root, stack).length === 3);
}

/** The stack that owns the zone, which has every kind of resource; undefined in a site without Cloudflare. */
export function zoneOwner(root: string): string | undefined {
  return listStacks(root).find(
    (stack) => (valuesOf(root, stack)['cloudflare'] as { ownsZone?: boolean } | undefined)?.ownsZone === true,
  );
}

/** The Cloudflare account of a stack; empty if it has none. */
export function cloudflareAccount(root: string, stack: string): string {
  return (valuesOf(root, stack)['cloudflare'] as { account?: string } | undefined)?.account ?? '';
}

/** Throws if the site has no such stack: the file that needs one does not fit it. */
export function requiredStack(stack: string | undefined, what: string): string {
  if (stack === undefined) throw new Error(`no stack of this site has ${what}, which this file needs; leave it out`);
  return stack;
}

function valuesOf(root: string, stack: string): Values {
  return readStackFile(path.join(root, stackFileName(stack)), projectName(root)).values;
}
