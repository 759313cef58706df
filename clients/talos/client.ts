import type { PeerCertificate } from 'node:tls';
import { MachineCalls } from './calls';
import { identityCredentials, maintenanceCredentials, talosPort, type TalosTarget } from './dial';
import { decodeEvent, type MachineEvent } from './events';
import type { TalosClientConfiguration } from './identity';
import { kubeconfigOf } from './kubeconfigArchive';
import type {
  AppliedConfiguration,
  ApplyMode,
  EtcdAlarm,
  EtcdMember,
  EtcdMemberStatus,
  ImageNamespace,
  MachineVersion,
  ServiceState,
} from './messages';

export { talosPort, type TalosTarget } from './dial';

/** A client for the calls of the Talos machine API that we use. Every failed call throws a TalosError. */
export class TalosClient {
  private constructor(private readonly calls: MachineCalls) {}

  /**
   * Connects with mutual TLS, based on the machine CA of the cluster. `onCertificate` receives the machine's certificate when the
   * connection is made.
   */
  static secure(
    target: TalosTarget,
    identity: TalosClientConfiguration,
    port = talosPort,
    onCertificate?: (served: PeerCertificate) => void,
  ): TalosClient {
    return new TalosClient(new MachineCalls(target, identityCredentials(target, identity, onCertificate), port));
  }

  /** Connects without verifying the server and without a client certificate, as maintenance mode requires. */
  static maintenance(target: TalosTarget, port = talosPort): TalosClient {
    return new TalosClient(new MachineCalls(target, maintenanceCredentials(), port));
  }

  /** The connection, for {@link TalosResources.over}. */
  get channel(): MachineCalls['channel'] {
    return this.calls.channel;
  }

  /** Closes the connection. */
  close(): void {
    this.calls.close();
  }

  /**
   * Applies a configuration. With `dryRun` the machine only says what it would do; like every call but `try`, that cancels
   * the rollback of a pending `try`.
   */
  async applyConfiguration(
    configuration: string,
    options: { mode: ApplyMode; dryRun?: boolean },
    deadlineSeconds = 30,
  ): Promise<AppliedConfiguration> {
    const { mode, dryRun = false } = options;
    const request = { data: Buffer.from(configuration, 'utf8'), mode: mode.toUpperCase(), dryRun };
    const [message] = await this.calls.unary<{ mode: string; modeDetails: string; warnings: string[] }>(
      'ApplyConfiguration',
      request,
      deadlineSeconds,
    );
    const { mode: used = mode, modeDetails: details = '', warnings = [] } = message ?? {};
    return { mode: used.toLowerCase() as ApplyMode, details, warnings };
  }

  /** Bootstraps etcd. Fails with ALREADY_EXISTS if it has been bootstrapped before. */
  async bootstrap(deadlineSeconds = 30): Promise<void> {
    await this.calls.unary('Bootstrap', {}, deadlineSeconds);
  }

  async version(deadlineSeconds = 10): Promise<MachineVersion> {
    const [message] = await this.calls.unary<{ version?: MachineVersion; platform?: { name: string } | null }>(
      'Version',
      {},
      deadlineSeconds,
    );
    const { tag = '', arch = '' } = message?.version ?? {};
    return { tag, arch, ...(message?.platform?.name && { platform: message.platform.name }) };
  }

  async services(deadlineSeconds = 10): Promise<ServiceState[]> {
    const [message] = await this.calls.unary<{ services: ServiceState[] }>('ServiceList', {}, deadlineSeconds);
    return message?.services ?? [];
  }

  /** The members of the etcd cluster. Control planes only. */
  async etcdMembers(deadlineSeconds = 10): Promise<EtcdMember[]> {
    const [message] = await this.calls.unary<{ members: EtcdMember[] }>('EtcdMemberList', {}, deadlineSeconds);
    return message?.members ?? [];
  }

  /** The state of the machine's own etcd member. Control planes only. */
  async etcdStatus(deadlineSeconds = 10): Promise<EtcdMemberStatus> {
    const [message] = await this.calls.unary<{ memberStatus?: EtcdMemberStatus }>('EtcdStatus', {}, deadlineSeconds);
    return message?.memberStatus ?? { memberId: '0', leader: '0', isLearner: false, errors: [] };
  }

  /** The alarms of all members, as the machine's own knows them. Control planes only. */
  async etcdAlarms(deadlineSeconds = 10): Promise<EtcdAlarm[]> {
    type Listed = { memberId: string; alarm: EtcdAlarm['alarm'] | 'NONE' };
    const [message] = await this.calls.unary<{ memberAlarms: Listed[] }>('EtcdAlarmList', {}, deadlineSeconds);
    return (message?.memberAlarms ?? []).flatMap(({ memberId, alarm }) =>
      alarm === 'NONE' ? [] : [{ memberId, alarm }],
    );
  }

  /** Removes a member whose machine is gone, through a member that is healthy. Fails with NOT_FOUND if there is none. */
  async etcdRemoveMember(memberId: string, deadlineSeconds = 30): Promise<void> {
    await this.calls.unary('EtcdRemoveMemberByID', { memberId }, deadlineSeconds);
  }

  /** Makes another member the leader, and returns its name; empty if this member is not the leader. */
  async etcdForfeitLeadership(deadlineSeconds = 30): Promise<string> {
    const [message] = await this.calls.unary<{ member: string }>('EtcdForfeitLeadership', {}, deadlineSeconds);
    return message?.member ?? '';
  }

  /** Reboots the machine; returns the id of the actor in its events. */
  async reboot(deadlineSeconds = 30): Promise<string> {
    return this.actor('Reboot', {}, deadlineSeconds);
  }

  /**
   * Resets the machine; returns the id of the actor in its events. `graceful` leaves etcd first. `wipe` has the labels of the
   * system partitions to wipe: Talos stays installed if EFI and BOOT are not among them. None would wipe the system disk.
   */
  async reset(
    options: { graceful: boolean; reboot: boolean; wipe: readonly [string, ...string[]] },
    deadlineSeconds = 30,
  ): Promise<string> {
    const { graceful, reboot, wipe } = options;
    const systemPartitionsToWipe = wipe.map((label) => ({ label, wipe: true }));
    return this.actor('Reset', { graceful, reboot, systemPartitionsToWipe }, deadlineSeconds);
  }

  /** Starts an upgrade; returns the id of the actor in its events, which alone say whether the upgrade fails. */
  async upgrade(options: { image: string; stage?: boolean; force?: boolean }, deadlineSeconds = 60): Promise<string> {
    const { image, stage = false, force = false } = options;
    return this.actor('Upgrade', { image, stage, force }, deadlineSeconds);
  }

  /** A new admin kubeconfig of the cluster; its server is the cluster's endpoint. Secret. Control planes only. */
  async kubeconfig(deadlineSeconds = 15): Promise<string> {
    return kubeconfigOf(await this.bytes('Kubeconfig', {}, deadlineSeconds));
  }

  /** The content of a file of the machine. */
  async read(path: string, deadlineSeconds = 10): Promise<string> {
    return (await this.bytes('Read', { path }, deadlineSeconds)).toString('utf8');
  }

  /** An id that is different after every boot of the machine. */
  async bootId(deadlineSeconds = 10): Promise<string> {
    return (await this.read('/proc/sys/kernel/random/boot_id', deadlineSeconds)).trim();
  }

  /** Pulls an image into the machine's store: that of Kubernetes (`cri`) or of Talos itself (`system`). */
  async pullImage(namespace: ImageNamespace, reference: string, deadlineSeconds = 600): Promise<void> {
    await this.calls.unary('ImagePull', { namespace: imageNamespaces[namespace], reference }, deadlineSeconds);
  }

  /** The names of the images in the machine's store. */
  async images(namespace: ImageNamespace, deadlineSeconds = 30): Promise<string[]> {
    const names: string[] = [];
    const request = { namespace: imageNamespaces[namespace] };
    await this.calls.stream<{ name: string }>('ImageList', request, deadlineSeconds, ({ name }) => {
      names.push(name);
    });
    return names;
  }

  /**
   * Passes the events of the machine to `receive`, from the last `tail` of the past (all: -1) on, until it returns true, the
   * stream ends or the deadline passes (TalosError DEADLINE_EXCEEDED).
   */
  async events(
    options: { tail?: number; actorId?: string },
    deadlineSeconds: number,
    receive: (event: MachineEvent) => boolean | void,
  ): Promise<void> {
    const request = { tailEvents: options.tail ?? 0, withActorId: options.actorId ?? '' };
    await this.calls.stream<Parameters<typeof decodeEvent>[0]>('Events', request, deadlineSeconds, (message) => {
      const event = decodeEvent(message);
      return event === undefined ? false : receive(event);
    });
  }

  private async actor(method: string, request: object, deadlineSeconds: number): Promise<string> {
    const [message] = await this.calls.unary<{ actorId: string }>(method, request, deadlineSeconds);
    return message?.actorId ?? '';
  }

  private async bytes(method: string, request: object, deadlineSeconds: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    await this.calls.stream<{ bytes: Buffer }>(method, request, deadlineSeconds, ({ bytes }) => {
      parts.push(bytes);
    });
    return Buffer.concat(parts);
  }
}

const imageNamespaces: Record<ImageNamespace, string> = { cri: 'NS_CRI', system: 'NS_SYSTEM' };
