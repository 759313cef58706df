/** Talos version of a machine. */
export interface MachineVersion {
  /** `v1.11.2` */
  tag: string;
  arch: string;
  /** `metal`, `nocloud`, …; absent if the machine does not say. */
  platform?: string;
}

/** A Talos service, such as etcd or kubelet. */
export interface ServiceState {
  id: string;
  /** `Running`, `Waiting`, … */
  state: string;
  health?: { unknown: boolean; healthy: boolean; lastMessage: string } | null;
}

/** An etcd member. */
export interface EtcdMember {
  /** Decimal. */
  id: string;
  hostname: string;
  peerUrls: string[];
  clientUrls: string[];
  isLearner: boolean;
}

/** The state of a machine's own etcd member. */
export interface EtcdMemberStatus {
  /** Decimal. */
  memberId: string;
  /** The leader's member id, decimal; `0` if there is none. */
  leader: string;
  isLearner: boolean;
  /** Such as `etcdserver: no leader` and alarms. */
  errors: string[];
}

/** An alarm of an etcd member: it is out of space and takes no more writes, or its data is corrupt. */
export interface EtcdAlarm {
  /** Decimal. */
  memberId: string;
  alarm: 'NOSPACE' | 'CORRUPT';
}

/** How Talos applies a configuration; `auto` reboots if the change needs it. */
export type ApplyMode = 'auto' | 'reboot' | 'no_reboot' | 'staged' | 'try';

/** What a machine did with a configuration, or in a dry run would do. */
export interface AppliedConfiguration {
  /** The mode that was used: for `auto`, `reboot` or `no_reboot`. */
  mode: ApplyMode;
  /** Talos' own text. Quotes values of the configuration, secrets included, so it must not be shown. */
  details: string;
  warnings: string[];
}

/** The images of Kubernetes, or those of Talos itself. */
export type ImageNamespace = 'cri' | 'system';
