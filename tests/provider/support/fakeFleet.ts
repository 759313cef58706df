import * as grpc from '@grpc/grpc-js';
import type { TalosClientConfiguration } from '../../../clients/talos/identity';
import type { Pace } from '../../../provider/machines/pace';
import type { MachineTarget } from '../../../provider/machines/target';
import { kubeconfigFor } from '../../clients/support/fakeApi';
import { FakeMachine, kubeconfigArchive, listed, refusal, type Answers } from '../../clients/support/fakeMachine';
import { base64, TestAuthority, type Pair } from '../../clients/support/pki';

/** A pace for tests against a fleet and a fake Kubernetes API. */
export const quickPace = (fleet: FakeFleet, api: { url: string }): Pace => ({
  intervalMilliseconds: 10,
  deadlineSeconds: 20,
  otherClusterGraceSeconds: 0.1,
  settleMilliseconds: 10,
  port: fleet.port,
  url: () => api.url,
});

/** Machines of one cluster, each on a loopback address of its own, with an etcd that follows them. */
export class FakeFleet {
  readonly nodes: FakeNode[] = [];
  /** The members of etcd; empty before the bootstrap. */
  members: { id: string; hostname: string; isLearner: boolean }[] = [];
  /** The alarms of etcd. */
  alarms: { memberId: string; alarm: 'NOSPACE' | 'CORRUPT' }[] = [];
  /** The name of the leader. */
  leader = '';
  /** How long a reboot takes. */
  rebootMilliseconds = 30;
  port = 0;

  private constructor(
    readonly authority: TestAuthority,
    readonly identity: TalosClientConfiguration,
    /** The admin kubeconfig that control planes hand out. */
    readonly kubeconfig: string,
  ) {}

  /** Starts the machines in maintenance mode. */
  static async start(names: { controlPlanes: string[]; workers?: string[] }, kubeconfig?: string): Promise<FakeFleet> {
    const authority = await TestAuthority.create('ours');
    const admin = await authority.issue([], 365 * 24);
    const identity = {
      caCertificate: base64(authority.cert),
      clientCertificate: base64(admin.cert),
      clientKey: base64(admin.key),
    };
    const config = kubeconfig ?? kubeconfigFor('https://api.example.org:6443', authority.cert, admin);
    const fleet = new FakeFleet(authority, identity, config);
    for (const name of names.controlPlanes) await fleet.add(name, 'controlplane');
    for (const name of names.workers ?? []) await fleet.add(name, 'worker');
    return fleet;
  }

  /** Adds a machine in maintenance mode. */
  async add(name: string, role: FakeNode['role']): Promise<FakeNode> {
    const number = this.nodes.length + 10;
    const last = `${Math.floor(number / 256)}.${number % 256}`;
    const [address, endpoint] = [`10.9.${last}`, `127.91.${last}`];
    const node = new FakeNode(this, { name, node: address, endpoint }, role, await this.authority.issue([address]));
    this.nodes.push(node);
    await node.boot();
    return node;
  }

  /** Configures every machine and bootstraps etcd, as a first installation does. */
  async install(configuration: (name: string) => string): Promise<void> {
    for (const node of this.nodes) {
      node.active = node.persistent = configuration(node.target.name);
      await node.boot();
    }
    this.members = [];
    for (const { role, target } of this.nodes) if (role === 'controlplane') this.join(target.name, false);
    this.leader = this.members[0]?.hostname ?? '';
  }

  join(hostname: string, isLearner: boolean): void {
    this.members = this.members.filter((member) => member.hostname !== hostname);
    this.members.push({
      id: String(1000 + this.nodes.findIndex(({ target }) => target.name === hostname)),
      hostname,
      isLearner,
    });
  }

  node(name: string): FakeNode {
    const found = this.nodes.find(({ target }) => target.name === name);
    if (found === undefined) throw new Error(`the fleet has no ${name}`);
    return found;
  }

  get controlPlanes(): MachineTarget[] {
    return this.nodes.filter(({ role }) => role === 'controlplane').map(({ target }) => target);
  }

  /** Whether etcd has a quorum. */
  get quorum(): boolean {
    const voters = this.members.filter(({ isLearner }) => !isLearner);
    const up = voters.filter(({ hostname }) => this.node(hostname).state === 'running');
    return voters.length > 0 && up.length > voters.length / 2;
  }

  stop(): void {
    for (const node of this.nodes) node.end();
  }
}

/** One machine of a {@link FakeFleet}. */
export class FakeNode {
  state: 'off' | 'maintenance' | 'running' = 'off';
  /** The configuration that it runs with, and the one that it boots with; absent in maintenance mode. */
  active: string | undefined;
  persistent: string | undefined;
  boots = 0;
  /** Every configuration that was applied, by its mode; dry runs are not counted. */
  readonly applied: { mode: string; text: string }[] = [];
  readonly resets: unknown[] = [];
  /** Resources that it lists besides the usual ones, by type. */
  resources: Record<string, object[]> = {};
  /** Answers that replace the usual ones. */
  overrides: Answers = {};
  private machine: FakeMachine | undefined;
  /** Whether its etcd member joins again, as a learner. */
  private lostData = false;
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly fleet: FakeFleet,
    readonly target: MachineTarget,
    readonly role: 'controlplane' | 'worker',
    private readonly cert: Pair,
  ) {}

  /** Starts the machine: in maintenance mode if it has no configuration. */
  async boot(): Promise<void> {
    this.off();
    this.boots++;
    this.active = this.persistent;
    const maintenance = this.active === undefined;
    const serving = maintenance
      ? await (await TestAuthority.create('maintenance')).issue([this.target.node])
      : this.cert;
    this.machine = await FakeMachine.start({
      cert: serving,
      ...(!maintenance && { clientCa: this.fleet.authority.cert }),
      address: this.target.endpoint,
      port: this.fleet.port,
      answers: maintenance ? { ApplyConfiguration: this.apply } : this.answers(),
    });
    this.fleet.port = this.machine.port;
    this.state = maintenance ? 'maintenance' : 'running';
    if (this.role !== 'controlplane' || maintenance || this.fleet.members.length === 0) return;
    const listed = this.fleet.members.some(({ hostname }) => hostname === this.target.name);
    if (!listed || this.lostData) this.fleet.join(this.target.name, true);
    this.lostData = false;
  }

  off(): void {
    this.machine?.stop();
    this.machine = undefined;
    this.state = 'off';
    if (this.fleet.leader === this.target.name) {
      const next = this.fleet.nodes.find(
        ({ state, target }) =>
          state === 'running' && this.fleet.members.some(({ hostname }) => hostname === target.name),
      );
      this.fleet.leader = next?.target.name ?? this.fleet.leader;
    }
  }

  /** Loses its configuration and its etcd data, as after a reset. */
  async wipe(): Promise<void> {
    this.lostData = true;
    this.active = this.persistent = undefined;
    await this.boot();
  }

  private readonly apply = ({ data, mode, dryRun }: { data: Buffer; mode: string; dryRun: boolean }) => {
    const text = data.toString();
    if (text.includes('refuse: this')) throw refusal(grpc.status.INVALID_ARGUMENT, 'unknown keys found: refuse');
    const reboots = this.state === 'maintenance' || rebootKey(text) !== rebootKey(this.active ?? '');
    if (mode === 'NO_REBOOT' && reboots) {
      throw refusal(grpc.status.INVALID_ARGUMENT, "this config change can't be applied in immediate mode");
    }
    const used = mode === 'AUTO' ? (reboots ? 'REBOOT' : 'NO_REBOOT') : mode;
    if (!dryRun) {
      this.applied.push({ mode: used, text });
      this.persistent = text;
      if (used === 'NO_REBOOT') this.active = text;
      if (used === 'REBOOT') this.reboot();
    }
    return { messages: [{ mode: used, modeDetails: 'details', warnings: [] }] };
  };

  private reboot(): void {
    // After the answer has been sent.
    this.after(5, () => {
      this.off();
      this.after(this.fleet.rebootMilliseconds, () => void this.boot());
    });
  }

  private after(milliseconds: number, work: () => void): void {
    this.timers.push(setTimeout(work, milliseconds));
  }

  /** Ends the machine for good. */
  end(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.off();
  }

  private answers(): Answers {
    const { fleet } = this;
    const own = () => fleet.members.find(({ hostname }) => hostname === this.target.name);
    const withQuorum = () => {
      if (!fleet.quorum) throw refusal(grpc.status.UNKNOWN, 'etcdserver: no leader');
    };
    const controlPlaneOnly = (answer: (request: never) => object) => (request: never) => {
      if (this.role !== 'controlplane')
        throw refusal(grpc.status.UNIMPLEMENTED, 'is only available on control plane nodes');
      return answer(request);
    };
    const etcdState = () => (own() === undefined ? 'Preparing' : 'Running');
    const usual: Answers = {
      Version: () => ({ messages: [{ version: { tag: 'v1.11.2', arch: 'amd64' } }] }),
      ApplyConfiguration: this.apply,
      ServiceList: () => ({
        messages: [{ services: this.role === 'controlplane' ? [{ id: 'etcd', state: etcdState() }] : [] }],
      }),
      EtcdMemberList: controlPlaneOnly(() => {
        if (own() === undefined) throw refusal(grpc.status.UNAVAILABLE, 'etcd is not running');
        withQuorum();
        return { messages: [{ members: fleet.members }] };
      }),
      EtcdStatus: controlPlaneOnly(() => {
        const member = own();
        if (member === undefined) throw refusal(grpc.status.UNAVAILABLE, 'etcd is not running');
        const leader = fleet.quorum
          ? (fleet.members.find(({ hostname }) => hostname === fleet.leader)?.id ?? '0')
          : '0';
        return { messages: [{ memberStatus: { memberId: member.id, leader, isLearner: member.isLearner } }] };
      }),
      EtcdAlarmList: controlPlaneOnly(() => {
        if (own() === undefined) throw refusal(grpc.status.UNAVAILABLE, 'etcd is not running');
        return { messages: [{ memberAlarms: fleet.alarms }] };
      }),
      EtcdRemoveMemberByID: controlPlaneOnly(({ memberId }: { memberId: string }) => {
        withQuorum();
        if (!fleet.members.some(({ id }) => id === memberId)) throw refusal(grpc.status.NOT_FOUND, 'member not found');
        fleet.members = fleet.members.filter(({ id }) => id !== memberId);
        return { messages: [{}] };
      }),
      Kubeconfig: controlPlaneOnly(() => [{ bytes: kubeconfigArchive(fleet.kubeconfig) }]),
      Read: () => [{ bytes: Buffer.from(`boot-${this.boots}\n`) }],
      Reset: (request: { graceful: boolean }) => {
        this.resets.push(request);
        this.lostData = true;
        if (request.graceful) fleet.members = fleet.members.filter(({ hostname }) => hostname !== this.target.name);
        this.persistent = undefined;
        this.reboot();
        return { messages: [{ actorId: 'reset' }] };
      },
      List: ({ type }: { type: string }) => {
        if (type === 'MachineConfigs.config.talos.dev') {
          return [listed('v1alpha1', this.active ?? ''), listed('persistent', this.persistent ?? '')];
        }
        if (type === 'MachineStatuses.runtime.talos.dev') {
          return [listed('machine', { stage: 'running', status: { ready: true, unmetConditions: [] } })];
        }
        return this.resources[type] ?? [];
      },
    };
    return new Proxy(usual, { get: (target, call: string) => this.overrides[call] ?? target[call] });
  }
}

/** The part of a configuration of which a change needs a reboot in this fleet. */
function rebootKey(configuration: string): string {
  return /env: .*/.exec(configuration)?.[0] ?? '';
}
