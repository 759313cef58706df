/** What a machine says about its Talos. */
export interface MachineVersion {
  /** `v1.11.2` */
  tag: string;
  arch: string;
}

/** One of Talos's own services, such as etcd or kubelet. */
export interface ServiceState {
  id: string;
  /** `Running`, `Waiting`, … */
  state: string;
  health?: { unknown: boolean; healthy: boolean; lastMessage: string } | null;
}

/** A member of etcd. */
export interface EtcdMember {
  /** Decimal. */
  id: string;
  hostname: string;
  peerUrls: string[];
  clientUrls: string[];
  isLearner: boolean;
}
