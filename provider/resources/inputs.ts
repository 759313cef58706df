import type { TalosClientConfiguration } from '../../clients/talos/identity';
import type { CrdSource, ReleaseInput } from '../../cluster/bootstrapInputs';

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
  timeoutSeconds: number;
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
  /** Number of random bytes. */
  bytes: number;
  encoding: 'base64' | 'base64url';
  /** Label of a rotation; regenerates a secret of an earlier label. Labels are ordered as text. */
  rotation?: string | undefined;
  /** Whether other clusters may use the item: if it moves, the old copy stays. */
  shared?: boolean | undefined;
}

/** Inputs of OnePasswordItem. */
export interface OnePasswordItemInputs extends OnePasswordItemLocation {
  /** Values by field label. */
  fields: Record<string, string>;
}
