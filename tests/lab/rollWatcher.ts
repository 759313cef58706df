import { setTimeout as sleep } from 'node:timers/promises';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import { viewCluster } from '../../provider/machines/clusterView';
import { probeMachine } from '../../provider/machines/probeMachine';
import type { MachineTarget } from '../../provider/machines/target';

/** What a watcher saw at its worst. */
export interface Watched {
  /** The largest number of machines that did not answer as one of the cluster at the same time. */
  mostDown: number;
  /** The names of the machines that were down, each once, in the order of their first time. */
  down: string[];
  /** The smallest number of voters of etcd that answered beyond its quorum; negative if the quorum was lost. */
  leastSpareVoters: number;
  samples: number;
}

/** Asks all machines of a cluster again and again how they are, until it is stopped. */
export class RollWatcher {
  private readonly seen: Watched = { mostDown: 0, down: [], leastSpareVoters: Number.POSITIVE_INFINITY, samples: 0 };
  private running = true;
  private readonly done: Promise<void>;

  constructor(machines: readonly (MachineTarget & { role: string })[], identity: TalosClientConfiguration) {
    this.done = this.watch(machines, identity);
  }

  /** Ends the watch; returns what was seen. */
  async stop(): Promise<Watched> {
    this.running = false;
    await this.done;
    return this.seen;
  }

  private async watch(
    machines: readonly (MachineTarget & { role: string })[],
    identity: TalosClientConfiguration,
  ): Promise<void> {
    const controlPlanes = machines.filter(({ role }) => role === 'controlplane');
    while (this.running) {
      const [states, view] = await Promise.all([
        Promise.all(machines.map((machine) => probeMachine(machine, identity, { deadlineSeconds: 2 }))),
        viewCluster(controlPlanes, identity, { deadlineSeconds: 2 }),
      ]);
      const down = machines.filter((_, index) => states[index]?.state !== 'member').map(({ name }) => name);
      this.seen.mostDown = Math.max(this.seen.mostDown, down.length);
      this.seen.down.push(...down.filter((name) => !this.seen.down.includes(name)));
      const voters = view.members.filter(({ isLearner }) => !isLearner);
      if (voters.length > 0) {
        const up = view.controlPlanes.filter(({ name, status }) => {
          return status !== undefined && voters.some(({ hostname }) => hostname === name);
        }).length;
        const spare = up - (Math.floor(voters.length / 2) + 1);
        this.seen.leastSpareVoters = Math.min(this.seen.leastSpareVoters, spare);
      }
      this.seen.samples++;
      await sleep(250);
    }
  }
}
