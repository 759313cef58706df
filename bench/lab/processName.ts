import { basename } from 'node:path';
import type { ProcessName } from './cpuAccounts';

/** What tells who a process of the lab is. */
export interface ProcessFacts {
  argv: readonly string[];
  /** Owner in the marker of `lab/executor/marker.ts`; absent for the lab's own command and its direct children. */
  owner?: string;
  /** The parent, if it is a process of the lab. */
  parent?: ProcessName;
  /** By cluster: names of its nodes. */
  clusters: Readonly<Record<string, readonly string[]>>;
}

/** Options of node that take the next argument. */
const optionsWithValue = new Set(['--require', '-r', '--import', '--loader']);

/** Name and cluster of a process. Processes with the same name and cluster are reported together. */
export function nameProcess({ argv, owner, parent, clusters }: ProcessFacts): ProcessName {
  const cluster = clusterOf(argv, owner, Object.entries(clusters)) ?? parent?.cluster;
  const name = programName(argv, owner, parent);
  return cluster === undefined ? { name } : { name, cluster };
}

function programName(argv: readonly string[], owner: string | undefined, parent: ProcessName | undefined): string {
  const program = basename(argv[0] ?? '') || 'unknown';
  if (program === 'esbuild') return `esbuild of ${parent?.name ?? owner ?? 'unknown'}`;
  if (program !== 'node') return program;
  const script = scriptOf(argv) ?? 'node';
  if (script.endsWith('/@pulumi/pulumi/cmd/run/index.js')) return 'pulumi program';
  if (script.endsWith('lab/cli.ts')) return 'lab up';
  const file = basename(script, '.ts');
  if (owner === undefined || owner === 'pulumi') return file;
  return owner.startsWith('agent-') ? 'agent' : owner;
}

/** The script that node runs. */
function scriptOf(argv: readonly string[]): string | undefined {
  for (let at = 1; at < argv.length; at++) {
    const argument = argv[at] ?? '';
    if (optionsWithValue.has(argument)) at++;
    else if (!argument.startsWith('-') && !argument.endsWith('/bin/run.js')) return argument;
  }
  return undefined;
}

function clusterOf(
  argv: readonly string[],
  owner: string | undefined,
  clusters: readonly (readonly [string, readonly string[]])[],
): string | undefined {
  const stack = argv[argv.indexOf('--stack') + 1];
  const named = argv.includes('--stack') ? stack : argv.join(' ').match(/--stack=([a-z0-9-]+)/)?.[1];
  return clusters.find(
    ([cluster, nodes]) =>
      cluster === named || owner === `agent-${cluster}` || nodes.some((node) => owner === `machine-${node}`),
  )?.[0];
}
