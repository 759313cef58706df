/** Who may have signed a chart: regular expressions for the certificate's issuer and subject. */
export interface Signer {
  issuer: string;
  subject: string;
}

/** A Helm release to install if it is absent. Flux adopts it later. */
export interface ReleaseInput {
  /** The Helm release's name. */
  name: string;
  namespace: string;
  /** Where Helm stores the release's records: the HelmRelease's namespace. */
  storageNamespace: string;
  /** `oci://…`. */
  chartUrl: string;
  version: string;
  /** One of these must have signed the chart; absent if signatures are not verified. */
  signedBy?: readonly Signer[];
  /** The rendered values as JSON. */
  values: string;
  timeoutSeconds: number;
  /** Whether the install waits for the workloads to become ready; false where Flux waits for them instead. */
  wait: boolean;
}

/** A source of CustomResourceDefinitions: a release's chart, or a folder of a Git repository at a tag. */
export type CrdSource =
  | {
      kind: 'chart';
      name: string;
      releaseName: string;
      releaseNamespace: string;
      chartUrl: string;
      version: string;
      /** One of these must have signed the chart; absent if signatures are not verified. */
      signedBy?: readonly Signer[];
      /** The rendered values as JSON. */
      values: string;
    }
  | { kind: 'git'; name: string; url: string; tag: string; path: string };

/** What the bootstrap reads from Git, in order. */
export interface BootstrapInputs {
  crds: readonly CrdSource[];
  /** The core releases by stage: a stage starts when the one before it is installed. */
  stages: readonly (readonly ReleaseInput[])[];
  /** The Secret in Flux's namespace that the FluxInstance reads a private repository with. */
  gitPullSecret?: string;
  /** Names of the Flux Kustomizations that the handover waits for. */
  kustomizations: readonly string[];
}
