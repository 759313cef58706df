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
