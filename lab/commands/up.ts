import * as fs from 'node:fs';
import * as path from 'node:path';
import type { ToolMode } from '../../tools/toolOptions';
import type { LabConsole } from '../console';
import type { PluginChoice } from '../context';
import { takeLock } from '../lock';
import type { SnapshotRecord } from '../snapshot/record';
import { restoreSnapshot } from '../snapshot/restore';
import { readState, stateFile } from '../state';
import { labUp, type LabResult, type UpOptions } from '../up/up';
import { down } from './down';

/** Flags of `lab up`. */
export interface UpFlags {
  once?: boolean;
  json?: boolean;
  ha?: boolean;
  upgrades?: boolean;
  plugins: PluginChoice;
  services?: boolean;
  order?: string;
  tools?: ToolMode;
  /** Name of the snapshot to start from. */
  from?: string;
}

/** `lab up`: starts the lab and prints the result. With `once`, takes it down afterwards, even if it failed. */
export async function upCommand(
  root: string,
  flags: UpFlags,
  { progress, show }: LabConsole,
  signal: AbortSignal,
): Promise<void> {
  const labDir = path.join(root, '.lab');
  const release = takeLock(labDir, 'up');
  const display = show('lab up', estimatesOf(flags, fs.existsSync(stateFile(labDir))));
  let result: LabResult;
  try {
    // Refuses a running lab, which `once` then leaves alone.
    const restored = flags.from === undefined ? undefined : restoreSnapshot(root, flags.from, progress);
    try {
      const { step } = display;
      result = await labUp({ root, ...labFlags(labDir, flags, restored), progress, step, signal });
      display.end('done');
    } finally {
      display.end('failed', signal.aborted ? 'interrupted' : undefined); // Unless it has ended.
      if (flags.once === true) await down(labDir, progress);
    }
  } finally {
    release();
  }
  if (flags.json === true) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  else process.stdout.write(summary(result, flags));
}

/** Name of the durations that a run is compared with: those of the last run that did about the same. */
function estimatesOf({ ha, services, order, from }: UpFlags, again: boolean): string {
  if (from !== undefined) return 'lab-up-from';
  const parts = ['lab-up', again && 'again', ha === true && 'ha', services === true && 'services', order && 'ordered'];
  return parts.filter(Boolean).join('-');
}

/** A restored lab keeps the flags that it was started with. */
function labFlags(
  labDir: string,
  { ha = false, upgrades, plugins, services, order, tools }: UpFlags,
  restored: SnapshotRecord | undefined,
): Pick<UpOptions, 'ha' | 'upgrades' | 'plugins' | 'services' | 'order' | 'tools' | 'restored'> {
  if (restored === undefined) return { ha, upgrades, plugins, services, order, tools };
  const state = readState(labDir);
  return { ha: state?.ha ?? ha, upgrades, plugins: state?.plugins ?? plugins, tools, restored };
}

function summary(result: LabResult, { once, from }: UpFlags): string {
  const lines = Object.entries(result.clusters).map(([name, cluster]) => {
    const seconds = Object.entries(cluster.phasesSeconds).map(([phase, value]) => `${phase} ${Math.round(value)} s`);
    return (
      `${name}: ${cluster.nodes.ready}/${cluster.nodes.total} nodes (simulated) ready, ` +
      `${cluster.kustomizations.ready}/${cluster.kustomizations.total} kustomizations ready, ` +
      `handed over at ${cluster.handover.revision}; ${seconds.join(', ')}`
    );
  });
  if (from !== undefined) lines.push(`restored from snapshot "${from}"; every cluster is still handed over`);
  const standIns = result.processes.filter(({ real }) => !real).map(({ name }) => name);
  lines.push(`stand-ins and simulations: ${standIns.join(', ')}`, `done in ${result.durationSeconds} s`);
  const broughtUp = Object.keys(result.clusters).length > 0;
  const next =
    broughtUp || from !== undefined
      ? 'status | kubectl --cluster <c> get nodes | down'
      : 'preflight --stack <s> | up | down';
  if (once !== true) lines.push(`next: npm run lab -- ${next}`);
  return `${lines.join('\n')}\n`;
}
