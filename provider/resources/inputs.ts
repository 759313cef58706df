import type { TalosClientConfiguration } from '../../clients/talos/identity';
import type { CrdSource, ReleaseInput } from '../../cluster/bootstrapInputs';

/** When a phase began and ended, ISO 8601 in UTC. */
export interface PhaseTimes {
  startedAt: string;
  finishedAt: string;
}

export type { CrdSource };

/** A chart of which only the CustomResourceDefinitions are wanted; the release named here owns them later. */
export type ChartCrdSource = Extract<CrdSource, { kind: 'chart' }>;

/** A folder of a Git repository at a tag, with a kustomization.yaml that lists CustomResourceDefinition files. */
export type GitCrdSource = Extract<CrdSource, { kind: 'git' }>;

/** What EtcdBootstrap takes. */
export interface EtcdBootstrapInputs {
  /** Cluster name, for messages only. */
  cluster: string;
  /** The node's address; goes into the request's metadata and must be in the node's certificate. */
  node: string;
  /** The address to dial, without a port; the node's own address outside the lab. */
  endpoint: string;
  clientConfiguration: TalosClientConfiguration;
  timeoutSeconds: number;
}

/** What CustomResourceDefinitions takes. */
export interface CustomResourceDefinitionsInputs {
  /** Admin kubeconfig (YAML). */
  kubeconfig: string;
  sources: CrdSource[];
  timeoutSeconds: number;
}

/** What BootstrapRelease takes; `storageNamespace` must be `namespace`, as the Helm CLI knows no other. */
export interface BootstrapReleaseInputs extends ReleaseInput {
  /** Admin kubeconfig (YAML). */
  kubeconfig: string;
}

/** What Handover takes. */
export interface HandoverInputs {
  /** Admin kubeconfig (YAML). */
  kubeconfig: string;
  gitUrl: string;
  gitBranch: string;
  /** Namespace of Flux; its GitRepository and root Kustomization bear the same name. */
  fluxNamespace: string;
  /** Names of the Flux Kustomizations in `fluxNamespace` that must be ready. */
  kustomizations: string[];
  timeoutSeconds: number;
  phases: { talos: PhaseTimes; crds: PhaseTimes; core: PhaseTimes };
}

/** How long each phase took, in seconds with one decimal; `total` runs from the first start to the handover. */
export interface PhasesSeconds {
  talos: number;
  crds: number;
  core: number;
  handover: number;
  total: number;
}

/** An item in a vault, and the way there. */
interface OnePasswordItemPlace {
  /** Base URL of 1Password Connect. */
  connectHost: string;
  /** Connect token that may write. */
  connectToken: string;
  /** Vault name. */
  vault: string;
  /** Item title. */
  title: string;
}

/** What GeneratedCertificateAuthority takes. */
export interface GeneratedCertificateAuthorityInputs extends OnePasswordItemPlace {
  commonName: string;
  validityYears: number;
  /** Label of the rotation that the authority must not be older than; labels sort as text. */
  rotation?: string | undefined;
}

/** What GeneratedSecret takes. */
export interface GeneratedSecretInputs extends OnePasswordItemPlace {
  field: string;
  /** How many random bytes. */
  bytes: number;
  encoding: 'base64' | 'base64url';
  /** Label of the rotation that the secret must not be older than; labels sort as text. */
  rotation?: string | undefined;
}

/** What OnePasswordItem takes. */
export interface OnePasswordItemInputs extends OnePasswordItemPlace {
  /** Values by the fields' labels. */
  fields: Record<string, string>;
}
