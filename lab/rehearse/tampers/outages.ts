import * as fs from 'node:fs';
import type { LayerName } from '../../../cli/drift/drift';
import { findMarked } from '../../executor/marker';
import type { Tamper } from '../tamper';
import type { World } from '../world';

/** What a run cannot ask meanwhile: it says what it could not tell, and everything else. */
export function outages(world: World): Tamper[] {
  const hanging = (name: string, processes: () => number[], ...couldNotTell: LayerName[]): Tamper => ({
    name: `outage-${name}`,
    layer: 'none',
    expect: [],
    couldNotTell,
    apply: () => stop(processes()),
  });
  const { lab, stack } = world;
  return [
    hanging('connect', () => findMarked(lab.dir, 'connect'), 'pulumi', 'secrets', 'edge'),
    hanging(
      'api-server',
      () =>
        stack.definition.nodes
          .flatMap(({ name }) => findMarked(lab.dir, `machine-${name}`))
          .filter((pid) => fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'kube-apiserver'),
      ...(['machines', 'pulumi', 'core', 'flux', 'secrets'] as const),
    ),
  ];
}

/** Stops processes so that their ports accept connections and never answer; undoing lets them go on. */
function stop(pids: readonly number[]): Promise<() => Promise<void>> {
  if (pids.length === 0) throw new Error('the lab has no such process');
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  return Promise.resolve(async () => {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
    await Promise.resolve();
  });
}
