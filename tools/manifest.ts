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
  /** The file in it to build with instead of go.mod, with a .sum file next to it: the same program with other versions. */
  readonly modFile?: string;
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
  /** True for a program that only the benchmark, tests or some labs need. */
  readonly outsideLab?: boolean;
  /** True for a program of the Kubernetes release that a lab can upgrade to, for labs started with `--upgrades`. */
  readonly upgrade?: boolean;
  /** True for a program that stores or evaluates metrics and logs: only labs with observability run it. */
  readonly observability?: boolean;
}

/** The version of each program, once; renovate.json5 finds them by the comments. */
const versions = {
  // renovate: datasource=go depName=github.com/pulumi/pulumi/pkg/v3
  pulumi: 'v3.248.0',
  // renovate: datasource=go depName=helm.sh/helm/v3
  helm: 'v3.22.0',
  // renovate: datasource=go depName=go.etcd.io/etcd/server/v3
  etcd: 'v3.6.5',
  // renovate: datasource=go depName=k8s.io/kubernetes
  kubernetes: 'v1.34.1',
  // renovate: datasource=go depName=k8s.io/kubernetes
  kubernetesNext: 'v1.34.4',
  // renovate: datasource=go depName=sigs.k8s.io/kwok
  kwok: 'v0.7.0',
  // renovate: datasource=go depName=github.com/google/go-containerregistry
  crane: 'v0.20.6',
  // renovate: datasource=go depName=github.com/fluxcd/source-controller
  sourceController: 'v1.7.3',
  // renovate: datasource=go depName=github.com/fluxcd/kustomize-controller
  kustomizeController: 'v1.7.2',
  // renovate: datasource=go depName=github.com/fluxcd/helm-controller
  helmController: 'v1.4.3',
  // renovate: datasource=go depName=github.com/controlplaneio-fluxcd/flux-operator
  fluxOperator: 'v0.58.0',
  // renovate: datasource=go depName=github.com/external-secrets/external-secrets
  externalSecrets: 'v0.20.4',
  // renovate: datasource=go depName=github.com/cert-manager/cert-manager
  certManager: 'v1.19.1',
  // renovate: datasource=go depName=sigs.k8s.io/kustomize/kustomize/v5
  kustomize: 'v5.8.1',
  // renovate: datasource=go depName=github.com/yannh/kubeconform
  kubeconform: 'v0.8.0',
  // renovate: datasource=go depName=github.com/rhysd/actionlint
  actionlint: 'v1.7.12',
  // renovate: datasource=go depName=github.com/VictoriaMetrics/VictoriaMetrics
  victoriaMetrics: 'v1.151.0',
  // renovate: datasource=go depName=github.com/VictoriaMetrics/VictoriaLogs
  victoriaLogs: 'v1.52.1',
  // renovate: datasource=go depName=github.com/prometheus/alertmanager
  alertmanager: 'v0.28.1',
  // renovate: datasource=go depName=github.com/siderolabs/talos/pkg/machinery
  talos: 'v1.11.2',
};

const majorOf = (version: string): string => version.slice(1).split('.')[0] ?? '';
const minorOf = (version: string): string => version.split('.')[1] ?? '';

const kubernetesOf = (module: string, version: string, name: string): ToolSpec => ({
  module,
  package: `k8s.io/kubernetes/cmd/${name}`,
  version,
  versionVariables: [
    `k8s.io/component-base/version.gitVersion=${version}`,
    `k8s.io/component-base/version.gitMajor=${majorOf(version)}`,
    `k8s.io/component-base/version.gitMinor=${minorOf(version)}`,
    'k8s.io/component-base/version.gitTreeState=clean',
  ],
  versionArguments: name === 'kubectl' ? ['version', '--client'] : ['--version'],
});

const kubernetes = (name: string): ToolSpec => kubernetesOf('modules/kubernetes', versions.kubernetes, name);

const nextKubernetes = (binary: string): ToolSpec => ({
  ...kubernetesOf('modules/kubernetes-next', versions.kubernetesNext, binary),
  binary,
  outsideLab: true,
  upgrade: true,
});

const fluxController = (name: string, version: string): ToolSpec => ({
  module: `modules/${name}`,
  package: `github.com/fluxcd/${name}`,
  version,
});

/** It reports a version that `findTool.ts` cannot read in the publisher's builds, so it is not looked up on PATH. */
const victoriaMetrics = (name: string): ToolSpec => ({
  module: 'modules/victoria-metrics',
  package: `github.com/VictoriaMetrics/VictoriaMetrics/app/${name}`,
  version: versions.victoriaMetrics,
  versionVariables: [
    `github.com/VictoriaMetrics/VictoriaMetrics/lib/buildinfo.Version=${name}-${versions.victoriaMetrics}`,
  ],
  outsideLab: true,
  observability: true,
});

const prometheusAlertmanager = (name: string): ToolSpec => ({
  module: 'modules/alertmanager',
  package: `github.com/prometheus/alertmanager/cmd/${name}`,
  version: versions.alertmanager,
  versionVariables: [`github.com/prometheus/common/version.Version=${versions.alertmanager.slice(1)}`],
  versionArguments: ['--version'],
  outsideLab: true,
  observability: true,
});

/** The Talos library of one version behind our own main(): the tests of machine configurations ask it. */
const talosLibrary = (version: string, modFile?: string): ToolSpec => ({
  module: 'talos-provider',
  ...(modFile !== undefined && { modFile }),
  package: './cmd/genconfig',
  version,
  own: true,
  outsideLab: true,
});

export const tools = {
  pulumi: {
    module: 'modules/pulumi',
    package: 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi',
    version: versions.pulumi,
    versionVariables: [`github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=${versions.pulumi}`],
    versionArguments: ['version'],
  },
  helm: {
    module: 'modules/helm',
    package: 'helm.sh/helm/v3/cmd/helm',
    version: versions.helm,
    patchedModule: 'helm.sh/helm/v3',
    versionVariables: [
      `helm.sh/helm/v3/internal/version.version=${versions.helm}`,
      // The cluster version that `helm template` assumes; without it, v1.20.
      `helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=${majorOf(versions.kubernetes)}`,
      `helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=${minorOf(versions.kubernetes)}`,
    ],
    versionArguments: ['version', '--short'],
  },
  etcd: {
    module: 'modules/etcd',
    package: 'go.etcd.io/etcd/server/v3',
    version: versions.etcd,
    versionArguments: ['--version'],
  },
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  kubectl: kubernetes('kubectl'),
  'kube-apiserver-next': nextKubernetes('kube-apiserver'),
  'kube-controller-manager-next': nextKubernetes('kube-controller-manager'),
  'kube-scheduler-next': nextKubernetes('kube-scheduler'),
  kwok: {
    module: 'modules/kwok',
    package: 'sigs.k8s.io/kwok/cmd/kwok',
    version: versions.kwok,
    patchedModule: 'sigs.k8s.io/kwok',
    versionVariables: [`sigs.k8s.io/kwok/pkg/consts.Version=${versions.kwok}`],
    versionArguments: ['--version'],
  },
  crane: {
    module: 'modules/crane',
    package: 'github.com/google/go-containerregistry/cmd/crane',
    version: versions.crane,
  },
  'source-controller': fluxController('source-controller', versions.sourceController),
  'kustomize-controller': fluxController('kustomize-controller', versions.kustomizeController),
  'helm-controller': fluxController('helm-controller', versions.helmController),
  'flux-operator': {
    module: 'modules/flux-operator',
    package: 'github.com/controlplaneio-fluxcd/flux-operator/cmd/operator',
    version: versions.fluxOperator,
    versionVariables: [`main.VERSION=${versions.fluxOperator}`],
    patchedModule: 'github.com/controlplaneio-fluxcd/flux-operator',
  },
  'external-secrets': {
    module: 'modules/external-secrets',
    package: 'github.com/external-secrets/external-secrets',
    version: versions.externalSecrets,
    patchedModule: 'github.com/external-secrets/external-secrets',
  },
  // Webhook and CA injector: cert-manager's code behind our own main().
  'cert-manager': { module: 'cert-manager', package: '.', version: versions.certManager, own: true },
  'flux-render': { module: 'flux-render', package: '.', version: '1.0.0', own: true },
  // For the benchmark only: the usual tools for checking a repository like this one.
  kustomize: {
    module: 'modules/kustomize',
    package: 'sigs.k8s.io/kustomize/kustomize/v5',
    version: versions.kustomize,
    versionVariables: [`sigs.k8s.io/kustomize/api/provenance.version=${versions.kustomize}`],
    versionArguments: ['version'],
    outsideLab: true,
  },
  kubeconform: {
    module: 'modules/kubeconform',
    package: 'github.com/yannh/kubeconform/cmd/kubeconform',
    version: versions.kubeconform,
    versionVariables: [`main.version=${versions.kubeconform}`],
    versionArguments: ['-v'],
    outsideLab: true,
  },
  // For `npm run lint`: the workflows of .github.
  actionlint: {
    module: 'modules/actionlint',
    package: 'github.com/rhysd/actionlint/cmd/actionlint',
    version: versions.actionlint,
    versionVariables: [`github.com/rhysd/actionlint.version=${versions.actionlint.slice(1)}`],
    versionArguments: ['-version'],
    outsideLab: true,
  },
  'victoria-metrics': victoriaMetrics('victoria-metrics'),
  vmagent: victoriaMetrics('vmagent'),
  vmauth: victoriaMetrics('vmauth'),
  vmalert: victoriaMetrics('vmalert'),
  // Also for the tests of alert rules.
  'vmalert-tool': victoriaMetrics('vmalert-tool'),
  'victoria-logs': {
    module: 'modules/victoria-logs',
    package: 'github.com/VictoriaMetrics/VictoriaLogs/app/victoria-logs',
    version: versions.victoriaLogs,
    versionVariables: [
      `github.com/VictoriaMetrics/VictoriaMetrics/lib/buildinfo.Version=victoria-logs-${versions.victoriaLogs}`,
    ],
    outsideLab: true,
    observability: true,
  },
  alertmanager: prometheusAlertmanager('alertmanager'),
  // Also for the tests of routes: it decides with Alertmanager's own code where an alert goes.
  amtool: prometheusAlertmanager('amtool'),
  // Reads queries with the products' own parsers, for the tests of rules and dashboards.
  'query-reader': { module: 'query-reader', package: '.', version: '1.0.0', own: true, outsideLab: true },
  'talos-machine': { module: 'simulated-machine', package: '.', version: versions.talos, standIn: true },
  'talos-provider': {
    module: 'talos-provider',
    package: '.',
    version: '0.8.1',
    binary: 'pulumi-resource-talos',
    standIn: true,
  },
  'talos-library-1.11': talosLibrary(versions.talos),
  'talos-library-1.12': talosLibrary('v1.12.0', 'talos-1.12.mod'),
  'talos-library-1.13': talosLibrary('v1.13.0', 'talos-1.13.mod'),
} as const satisfies Record<string, ToolSpec>;

export type ToolName = keyof typeof tools;

const namesOf = (wanted: (spec: ToolSpec) => boolean): readonly ToolName[] =>
  (Object.entries(tools) as [ToolName, ToolSpec][]).filter(([, spec]) => wanted(spec)).map(([name]) => name);

/** The tools that every lab runs. */
export const labTools = namesOf(({ outsideLab }) => outsideLab !== true);

/** The Kubernetes release that a lab can upgrade its clusters to. */
export const upgradeTools = namesOf(({ upgrade }) => upgrade === true);

/** What stores and evaluates metrics and logs in a lab with observability. */
export const observabilityTools = namesOf(({ observability }) => observability === true);

/** A pinned Go module. */
interface SourceModule {
  readonly version: string;
  readonly sum: string;
  /** Go's checksum database does not know this version: only `sum` says which files are meant. */
  readonly unlisted?: true;
}

/**
 * Go modules whose files (CRDs, charts, manifests) are read, with the checksum that `go mod download` must report. Renovate raises
 * the versions; the checksums are raised by hand.
 */
export const sourceModules: Readonly<Record<string, SourceModule>> = {
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
  'github.com/cloudnative-pg/plugin-barman-cloud': {
    version: 'v0.7.0',
    sum: 'h1:ACA/1Yqmltt5QQ8HdmYQi7qcPRbg4VR1mG8Cqds1Cv8=',
    unlisted: true,
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
