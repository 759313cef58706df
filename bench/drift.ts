import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import execa from 'execa';
import type { DriftContext } from '../cli/drift/context';
import { compareMachines } from '../cli/drift/machines/machines';
import { defaultMachinePace } from '../cli/drift/machines/pace';
import { tokens } from '../provider/resources/tokens';
import { benchConfiguration, type FleetAnnouncement } from './driftFleet';
import type { BenchResult } from './result';

/** Whole seconds in which 300 machines must be compared on two cores that also serve them. */
const targetSeconds = 30;

/**
 * Compares the machines of one cluster with their state: machines are stand-ins of the tests, in a process of their own, which
 * speak the Talos API over TLS. `--nodes <n>`: how many, by default 300.
 */
export async function benchDrift(args: readonly string[]): Promise<BenchResult> {
  const { values } = parseArgs({ args: [...args], options: { nodes: { type: 'string' } } });
  const count = Number(values.nodes ?? 300);
  if (!Number.isInteger(count) || count < 4) throw new Error('--nodes must be an integer of at least 4');
  const worker = ['--import', 'tsx', join(__dirname, 'driftFleet.ts'), '3', String(count - 3)];
  const child = execa(process.execPath, worker, { stdio: ['ignore', 'pipe', 'inherit'], buffer: false });
  try {
    const lines = createInterface({ input: child.stdout ?? process.stdin });
    const ended = child.then(() => Promise.reject(new Error('the machines ended')));
    const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
    const fleet = JSON.parse(line) as FleetAnnouncement;
    const before = process.cpuUsage();
    const from = performance.now();
    const { drift, couldNotTell, compared } = await compareMachines(contextOf(fleet), {
      ...{ ...defaultMachinePace, port: fleet.port, apiPort: fleet.port },
    });
    const seconds = (performance.now() - from) / 1000;
    const { user, system } = process.cpuUsage(before);
    // Without Kubernetes, its Nodes alone cannot be told.
    if (drift.length > 0 || couldNotTell.length !== 1) {
      throw new Error(`expected machines without drift: ${JSON.stringify([...drift, ...couldNotTell].slice(0, 3))}`);
    }
    return {
      nodes: count,
      compared,
      figures: [
        { name: `machines compared, time at ${count}`, value: seconds, unit: 's', target: targetSeconds },
        { name: `machines compared, CPU at ${count}`, value: (user + system) / 1e6, unit: 's' },
      ],
    };
  } finally {
    child.kill('SIGKILL');
    await child.catch(() => undefined);
  }
}

/** A stack whose state and definition are as its machines are. */
function contextOf({ nodes, identity }: FleetAnnouncement): DriftContext {
  const resources = nodes.map(({ name }) => ({
    type: tokens.machineConfiguration,
    inputs: { name, configuration: benchConfiguration(name) },
  }));
  const network = { interfaces: {}, ethernet: {} };
  return {
    stack: 'bench',
    definition: {
      name: 'bench',
      versions: { talos: 'v1.11.2', kubernetes: 'v1.34.1' },
      schematics: {},
      nodes: nodes.map(({ name, node, role }) => ({
        ...{ name, role, address: node, leaving: false, network, userVolumes: {}, installDisk: '/dev/sda' },
      })),
      dialOverrides: Object.fromEntries(nodes.map(({ node, endpoint }) => [node, endpoint])),
    },
    state: { value: { deployment: { resources } } },
    identity: { value: identity },
    kubernetes: () => Promise.resolve({ why: 'the benchmark has no Kubernetes', todo: 'none' }),
    signal: new AbortController().signal,
    note: () => undefined,
  } as unknown as DriftContext;
}
