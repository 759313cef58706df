/** Who may have signed a chart, by regular expressions over the certificate's issuer and subject. */
export interface Signer {
  issuer: string;
  subject: string;
}

/** A Helm release to install if it is absent, as Flux will own it later. */
export interface ReleaseInput {
  /** The Helm release's name. */
  name: string;
  namespace: string;
  /** Where Helm keeps the release's records: the HelmRelease's namespace. */
  storageNamespace: string;
  /** `oci://…`. */
  chartUrl: string;
  version: string;
  /** Who must have signed the chart, one of these; absent where nobody looks for signatures. */
  signedBy?: readonly Signer[];
  /** The rendered values as JSON. */
  values: string;
  timeoutSeconds: number;
  /** Whether the install waits until the workloads run; not where Flux looks at them instead. */
  wait: boolean;
}

/** Where CustomResourceDefinitions come from: a release's chart, or a folder of a Git repository at a tag. */
export type CrdSource =
  | {
      kind: 'chart';
      name: string;
      releaseName: string;
      releaseNamespace: string;
      chartUrl: string;
      version: string;
      /** As for a release. */
      signedBy?: readonly Signer[];
      /** The rendered values as JSON. */
      values: string;
    }
  | { kind: 'git'; name: string; url: string; tag: string; path: string };

/** What the bootstrap takes from Git, in order. */
export interface BootstrapInputs {
  crds: readonly CrdSource[];
  releases: readonly ReleaseInput[];
  /** Names of the Flux Kustomizations that the handover waits for. */
  kustomizations: readonly string[];
}
