import * as path from 'node:path';
import { isAlive } from '../../tools/processIdentity';
import { ensureTools } from '../../tools/toolchain';
import { showTools, toolsStep } from '../../tools/toolSteps';
import type { LabConsole } from '../console';
import { startProcesses } from '../executor/executor';
import { takeLock } from '../lock';
import { adminClient } from '../machines/adminClient';
import { type Observed, planObservability, readCluster } from '../observability/observe';
import { programs } from '../observability/processes';
import { readState, writeState } from '../state';
import { savedContext } from '../up/savedContext';

/** Flags of `lab observe`. */
export interface ObserveFlags {
  quick?: boolean;
  json?: boolean;
}

/** In haste: alerts within seconds, for tests and impatient people. */
const quick = { interval: 5, pending: 10 };

/**
 * `lab observe`: starts the real programs of observability next to a running lab, configured from its objects. `down` stops them, and
 * so does the next `up`.
 */
export async function observeCommand(
  root: string,
  flags: ObserveFlags,
  { progress, show }: LabConsole,
  signal: AbortSignal,
): Promise<void> {
  const labDir = path.join(root, '.lab');
  const state = readState(labDir);
  if (state === undefined) throw new Error('there is no lab in this checkout; `npm run lab` starts it');
  if (!state.parts.some(isAlive)) throw new Error('the lab is not running; `npm run lab` starts it');
  const release = takeLock(labDir, 'observe');
  const display = show('lab observe', 'lab-observe');
  const { step } = display;
  try {
    for (const id of [toolsStep, 'objects', 'programs']) step({ id });
    step({ id: toolsStep, state: 'running' });
    const binaries = await ensureTools(programs, showTools({ step, log: progress }));
    step({ id: toolsStep, state: 'done', detail: `${programs.length} tools` });
    signal.throwIfAborted();
    const ctx = savedContext(root, {
      tools: binaries,
      onPort: (ports) => writeState(labDir, Object.assign(state, { ports })),
    });
    step({ id: 'objects', state: 'running' });
    const clusters = await Promise.all(
      ctx.clusters.map((cluster) => {
        const api = adminClient(ctx, cluster);
        if (api === undefined)
          throw new Error(`cluster ${cluster.name} is not bootstrapped yet; \`npm run lab\` bootstraps it`);
        return readCluster(cluster, api);
      }),
    );
    const { processes, observed } = await planObservability(ctx, clusters, flags.quick === true ? quick : undefined);
    for (const { api } of clusters) api.close();
    step({ id: 'objects', state: 'done', detail: `${observed.leftOut.length} left out` });
    step({ id: 'programs', state: 'running' });
    await startProcesses(processes, {
      root,
      labDir,
      running: state.parts,
      additional: true,
      onChange: (parts) => writeState(labDir, Object.assign(state, { parts })),
      progress,
      onReady: (line) => step({ id: 'programs', detail: line, note: line }),
      signal,
    });
    step({ id: 'programs', state: 'done', detail: `${processes.length} processes` });
    display.end('done');
    process.stdout.write(
      flags.json === true ? `${JSON.stringify(observed, undefined, 2)}\n` : summary(observed, flags),
    );
  } finally {
    display.end('failed', signal.aborted ? 'interrupted' : undefined); // Unless it has ended.
    release();
  }
}

function summary(observed: Observed, { quick: isQuick }: ObserveFlags): string {
  const { storing, door, metrics, logs, alertmanager, vmalert, agents, leftOut } = observed;
  const lines = [
    'real programs, configured from the objects of the lab by our own rendering: the operator does not run here',
    `metrics and their queries (${storing}, single node): ${metrics}/vmui`,
    `logs (single node): ${logs}/select/vmui`,
    `alerts: ${alertmanager}, rules: ${vmalert}/vmalert/groups`,
    ...Object.entries(agents).map(([cluster, url]) => `targets of ${cluster}: ${url}/targets`),
    `front door: ${door.url}, as ${door.name}, known by ${door.caFile}`,
    ...leftOut.map((text) => `left out: ${text}`),
    ...(isQuick === true ? [`quick: evaluated every ${quick.interval} s, pending for ${quick.pending} s at most`] : []),
    'next: status | down (an up ends it)',
  ];
  return `${lines.join('\n')}\n`;
}
