import type { TalosClientConfiguration } from '../../clients/talos/identity';
import type { GitCredentials } from '../../clients/git/credentials';
import type { EncodedAuthority, MachineSecrets } from '../../clients/talos/secretsBundle';
import type { CrdSource, ReleaseInput } from '../../cluster/bootstrapInputs';
import type { ApplySetting } from '../../cluster/rollout/applyPlan';
import type { HealthCheck } from '../../cluster/rollout/healthChecks';
import type { MachineTarget } from '../machines/target';

/** Start and end of a phase, ISO 8601 in UTC. */
export interface PhaseTimes {
  startedAt: string;
  finishedAt: string;
}

export type { CrdSource };

/** Inputs of EtcdBootstrap. */
export interface EtcdBootstrapInputs {
  /** Cluster name; used in messages only. */
  cluster: string;
  /** Address of the node; sent in the request metadata, and the node's certificate must contain it. */
  node: string;
  /** Address to dial, without a port; outside the lab, the address of the node. */
  endpoint: string;
  clientConfiguration: TalosClientConfiguration;
  /** All control planes, the bootstrapped one included: none of them may have an etcd. */
  controlPlanes: MachineTarget[];
  timeoutSeconds: number;
  /** A label; bootstraps an empty etcd once for a later label, if the cluster has lost its own. Ordered as text. */
  again?: string | undefined;
}

/** A machine that is changed, and what its change has to wait for. */
export interface MachineChangeInputs extends MachineTarget {
  /** Cluster name; used in messages only. */
  cluster: string;
  role: 'controlplane' | 'worker';
  clientConfiguration: TalosClientConfiguration;
  /** All control planes that stay, this machine included if it is one, in the order of the stack. */
  controlPlanes: MachineTarget[];
  /** Whether its node is drained before a reboot, and how long that may take. */
  drain: { enabled: boolean; timeoutSeconds: number };
  /** How long the machine, and each wait for the cluster around it, may take. */
  gateTimeoutSeconds: number;
  healthChecks: HealthCheck[];
}

/** Inputs of MachineConfiguration. */
export interface MachineConfigurationInputs extends MachineChangeInputs {
  /** All documents of the machine configuration (YAML). */
  configuration: string;
  applyMode: ApplySetting;
}

/** Inputs of ClusterNodes. */
export interface ClusterNodesInputs {
  cluster: string;
  /** All entries of the stack, those that leave included. */
  nodes: (MachineTarget & { role: 'controlplane' | 'worker'; leaving: boolean })[];
  clientConfiguration: TalosClientConfiguration;
  drain: { enabled: boolean; timeoutSeconds: number };
  /** How long one node may take to leave, its drain not included. */
  timeoutSeconds: number;
}

/** Inputs of MachineSystem. */
export interface MachineSystemInputs extends MachineChangeInputs {
  /** The installer image, with the version as its tag. */
  image: string;
  /** `v1.11.6` */
  version: string;
  /** Id of the schematic in the image; absent if the image is not the image factory's. */
  schematic?: string | undefined;
  architecture?: string | undefined;
  /** All machines. */
  machines: MachineTarget[];
}

/** Inputs of KubernetesVersion. */
export interface KubernetesVersionInputs {
  cluster: string;
  /** `v1.34.4` */
  version: string;
  controlPlanes: MachineTarget[];
  workers: MachineTarget[];
  clientConfiguration: TalosClientConfiguration;
  workersAtOnce: number;
  /** For each component of each machine. */
  gateTimeoutSeconds: number;
}

/** Inputs of CustomResourceDefinitions. */
export interface CustomResourceDefinitionsInputs {
  /** Admin kubeconfig (YAML). */
  kubeconfig: string;
  sources: CrdSource[];
  timeoutSeconds: number;
}

/** Inputs of BootstrapRelease; `storageNamespace` must equal `namespace`, because the Helm CLI supports no other. */
export interface BootstrapReleaseInputs extends ReleaseInput {
  /** Admin kubeconfig (YAML). */
  kubeconfig: string;
}

/** Inputs of Handover. */
export interface HandoverInputs {
  /** Admin kubeconfig (YAML). */
  kubeconfig: string;
  /** Cluster name: its folder in the repository. */
  cluster: string;
  gitUrl: string;
  gitBranch: string;
  /** Those of a private repository. */
  gitCredentials?: GitCredentials | undefined;
  /** Namespace of Flux; its GitRepository and root Kustomization have the same name. */
  fluxNamespace: string;
  /** Names of the Flux Kustomizations in this checkout; the remote branch must have each of them. */
  kustomizations: string[];
  timeoutSeconds: number;
  phases: { talos: PhaseTimes; crds: PhaseTimes; core: PhaseTimes };
}

/** Duration of each phase in seconds, with one decimal; `total` is the time from the first start to the handover. */
export interface PhasesSeconds {
  talos: number;
  crds: number;
  core: number;
  handover: number;
  total: number;
}

/** Inputs of PhaseStart. */
export interface PhaseStartInputs {
  /** The phase's name. */
  phase: string;
}

/** Inputs of Tunnel. */
export interface TunnelInputs {
  /** Cloudflare API token. */
  apiToken: string;
  accountId: string;
  /** Unique in the account. */
  name: string;
  /** At least 32 bytes, base64. */
  tunnelSecret: string;
}

/** A 1Password item, and how to reach it. */
interface OnePasswordItemLocation {
  /** Base URL of 1Password Connect. */
  connectHost: string;
  /** Connect token with write access. */
  connectToken: string;
  /** Vault name. */
  vault: string;
  /** Item title. */
  title: string;
}

/** Inputs of GeneratedCertificateAuthority. */
export interface GeneratedCertificateAuthorityInputs extends OnePasswordItemLocation {
  commonName: string;
  validityYears: number;
  /** Label of a rotation; regenerates an authority of an earlier label. Labels are ordered as text. */
  rotation?: string | undefined;
}

/** Inputs of GeneratedSecret. */
export interface GeneratedSecretInputs extends OnePasswordItemLocation {
  field: string;
  /** Number of random bytes, or of an RSA key's modulus. */
  bytes: number;
  encoding: 'base64' | 'base64url' | 'rsa-key';
  /** Label of a rotation; regenerates a secret of an earlier label. Labels are ordered as text. */
  rotation?: string | undefined;
  /** Whether other clusters may use the item: if it moves, the old copy stays. */
  shared?: boolean | undefined;
}

/** Inputs of MachineSecrets. */
export interface MachineSecretsInputs extends OnePasswordItemLocation {
  /** The field with the `secrets.yaml`. */
  field: string;
  /** Taken if the vault has none. */
  generated: MachineSecrets;
  /** The Talos version at which they were generated; recorded with them. */
  talosVersion: string;
  /** The machines of the cluster, which must not belong to another one. */
  machines: MachineTarget[];
}

/** Inputs of TalosIdentity. */
export interface TalosIdentityInputs {
  /** The machine CA. */
  certificateAuthority: EncodedAuthority;
}

/** Inputs of OnePasswordItem. */
export interface OnePasswordItemInputs extends OnePasswordItemLocation {
  /** Values by field label. */
  fields: Record<string, string>;
}
