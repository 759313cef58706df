/** Talos version of a machine. */
export interface MachineVersion {
  /** `v1.11.2` */
  tag: string;
  arch: string;
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
