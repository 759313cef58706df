/**
 * The pinned programs of the lab and where each is built from. The only place that states either.
 *
 * A program is taken from PATH if its version there is exactly this one, otherwise from the cache, otherwise from its
 * publisher (`tools/download/releases.ts`). If that fails, and for our own programs, it is built from the Go module whose
 * `go.mod` and `go.sum` are committed in `tools/modules/<module>` (or `tools/<module>` for our own).
 */
export interface ToolSpec {
  /** Folder that holds go.mod and go.sum, relative to `tools/`. */
  readonly module: string;
  /** Go package to build, as an import path or relative to the module. */
  readonly package: string;
  /** Version as its users write it. */
  readonly version: string;
  /** File name of the binary if it differs from the tool's name. */
  readonly binary?: string;
  /** `-X` settings for the linker, so that the program reports its version. */
  readonly versionVariables?: readonly string[];
  /** Arguments that print the version; only tools that have them are looked up on PATH. */
  readonly versionArguments?: readonly string[];
  /** The Go module whose source is built with the `source.patch` of the module folder, which says why. */
  readonly patchedModule?: string;
  /** True for one of our simulations or stand-ins. */
  readonly standIn?: boolean;
  /** True for our own programs that are not stand-ins. */
  readonly own?: boolean;
  /** True for a program that only the benchmark needs. */
  readonly benchmark?: boolean;
}

const kubernetes = (name: string): ToolSpec => ({
  module: 'modules/kubernetes',
  package: `k8s.io/kubernetes/cmd/${name}`,
  version: 'v1.34.1',
  versionVariables: [
    'k8s.io/component-base/version.gitVersion=v1.34.1',
    'k8s.io/component-base/version.gitMajor=1',
    'k8s.io/component-base/version.gitMinor=34',
    'k8s.io/component-base/version.gitTreeState=clean',
  ],
  versionArguments: name === 'kubectl' ? ['version', '--client'] : ['--version'],
});

const fluxController = (name: string, version: string): ToolSpec => ({
  module: `modules/${name}`,
  package: `github.com/fluxcd/${name}`,
  version,
});

export const tools = {
  pulumi: {
    module: 'modules/pulumi',
    package: 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi',
    version: 'v3.248.0',
    versionVariables: ['github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.248.0'],
    versionArguments: ['version'],
  },
  helm: {
    module: 'modules/helm',
    package: 'helm.sh/helm/v3/cmd/helm',
    version: 'v3.22.0',
    patchedModule: 'helm.sh/helm/v3',
    versionVariables: [
      'helm.sh/helm/v3/internal/version.version=v3.22.0',
      // The cluster version that `helm template` assumes; without it, v1.20.
      'helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1',
      'helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=34',
    ],
    versionArguments: ['version', '--short'],
  },
  etcd: {
    module: 'modules/etcd',
    package: 'go.etcd.io/etcd/server/v3',
    version: 'v3.6.5',
    versionArguments: ['--version'],
  },
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  kubectl: kubernetes('kubectl'),
  kwok: {
    module: 'modules/kwok',
    package: 'sigs.k8s.io/kwok/cmd/kwok',
    version: 'v0.7.0',
    patchedModule: 'sigs.k8s.io/kwok',
    versionVariables: ['sigs.k8s.io/kwok/pkg/consts.Version=v0.7.0'],
    versionArguments: ['--version'],
  },
  crane: {
    module: 'modules/crane',
    package: 'github.com/google/go-containerregistry/cmd/crane',
    version: 'v0.20.6',
  },
  'source-controller': fluxController('source-controller', 'v1.7.3'),
  'kustomize-controller': fluxController('kustomize-controller', 'v1.7.2'),
  'helm-controller': fluxController('helm-controller', 'v1.4.3'),
  'flux-operator': {
    module: 'modules/flux-operator',
    package: 'github.com/controlplaneio-fluxcd/flux-operator/cmd/operator',
    version: 'v0.58.0',
    versionVariables: ['main.VERSION=v0.58.0'],
    patchedModule: 'github.com/controlplaneio-fluxcd/flux-operator',
  },
  'external-secrets': {
    module: 'modules/external-secrets',
    package: 'github.com/external-secrets/external-secrets',
    version: 'v0.20.4',
    patchedModule: 'github.com/external-secrets/external-secrets',
  },
  // Webhook and CA injector: cert-manager's code behind our own main().
  'cert-manager': { module: 'cert-manager', package: '.', version: 'v1.19.1', own: true },
  'flux-render': { module: 'flux-render', package: '.', version: '1.0.0', own: true },
  // For the benchmark only: the usual tools for checking a repository like this one.
  kustomize: {
    module: 'modules/kustomize',
    package: 'sigs.k8s.io/kustomize/kustomize/v5',
    version: 'v5.8.1',
    versionVariables: ['sigs.k8s.io/kustomize/api/provenance.version=v5.8.1'],
    versionArguments: ['version'],
    benchmark: true,
  },
  kubeconform: {
    module: 'modules/kubeconform',
    package: 'github.com/yannh/kubeconform/cmd/kubeconform',
    version: 'v0.8.0',
    versionVariables: ['main.version=v0.8.0'],
    versionArguments: ['-v'],
    benchmark: true,
  },
  'talos-machine': { module: 'simulated-machine', package: '.', version: 'v1.11.2', standIn: true },
  'talos-provider': {
    module: 'talos-provider',
    package: '.',
    version: '0.8.1',
    binary: 'pulumi-resource-talos',
    standIn: true,
  },
} as const satisfies Record<string, ToolSpec>;

export type ToolName = keyof typeof tools;

/** The tools that a lab runs. */
export const labTools: readonly ToolName[] = (Object.entries(tools) as [ToolName, ToolSpec][])
  .filter(([, { benchmark }]) => benchmark !== true)
  .map(([name]) => name);

/** Go modules whose files (CRDs, charts, manifests) are read, with the checksum that `go mod download` must report. */
export const sourceModules: Readonly<Record<string, { readonly version: string; readonly sum: string }>> = {
  'github.com/cilium/cilium': {
    version: 'v1.18.3',
    sum: 'h1:E0SnxNDeWJ3AtO6IX0oIsJdODT71M/QCcj9LjuLdGK0=',
  },
  'github.com/cert-manager/cert-manager': {
    version: 'v1.19.1',
    sum: 'h1:Txh8L/nLWTDcb7ZnXuXbTe15BxQnLbLirXmbNk0fGgY=',
  },
  'github.com/external-secrets/external-secrets': {
    version: 'v0.20.4',
    sum: 'h1:HhNAjWfFEshhItphr28SGsHzf2bUP7uDAOVLg76uNAg=',
  },
  'sigs.k8s.io/gateway-api': {
    version: 'v1.3.0',
    sum: 'h1:q6okN+/UKDATola4JY7zXzx40WO4VISk7i9DIfOvr9M=',
  },
  'github.com/prometheus-operator/prometheus-operator': {
    version: 'v0.86.1',
    sum: 'h1:pHUuiRErcFb3nFDox7RxoxpEN0FyT24GtYOkr2GBu04=',
  },
  'github.com/VictoriaMetrics/operator': {
    version: 'v0.60.0',
    sum: 'h1:DqBQ9dKywpNr4C+diOM4ShPGVqQ4Owu7bjk56cOLBbk=',
  },
  'github.com/controlplaneio-fluxcd/flux-operator': {
    version: 'v0.58.0',
    sum: 'h1:7fbGeGRzp7sEwfg7jjc3a3bJvMYTAgPv+hl5qf9SBxo=',
  },
  'k8s.io/kubernetes': {
    version: 'v1.34.1',
    sum: 'h1:F3p8dtpv+i8zQoebZeK5zBqM1g9x1aIdnA5vthvcuUk=',
  },
  'github.com/rook/rook': {
    version: 'v1.18.6',
    sum: 'h1:yrAWF5C+XrRMpyCzsVJbsgLvH8hFK3r7zSC6DS21tiM=',
  },
  'github.com/cloudnative-pg/cloudnative-pg': {
    version: 'v1.27.0',
    sum: 'h1:mp0zlYO4vKAJmQdArWORWKr1lmB4Hj8JeBQGX5RBnpg=',
  },
  'github.com/backube/volsync': {
    version: 'v0.14.0',
    sum: 'h1:xdYpIYdn3pQgSSktcKlywn2X5Vo9V68iNGIj7ysqk64=',
  },
  'github.com/kubernetes-csi/external-snapshotter/client/v8': {
    version: 'v8.2.0',
    sum: 'h1:Q3jQ1NkFqv5o+F8dMmHd8SfEmlcwNeo1immFApntEwE=',
  },
  'github.com/kyverno/kyverno': {
    version: 'v1.15.2',
    sum: 'h1:1eDivq33TEgHwZkPl/4Id+9p+x6/3ieg1WzBGjmHWk0=',
  },
  'sigs.k8s.io/external-dns': {
    version: 'v0.19.0',
    sum: 'h1:fyH3AN/WmOrbuAVYgtHPK4UhkNy9DR3gXMU65yQxuzQ=',
  },
};
