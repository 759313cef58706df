/**
 * Which versions of Go modules the tools share. Go compiles a package once only if all tools agree on its version and on
 * those of everything that it imports. Hence every tool uses the newest version that any of them requires, except for:
 */
export interface VersionRules {
  /** Modules that every tool uses in exactly this version, older than what some of them require. */
  readonly held: Readonly<Record<string, string>>;
  /** Modules whose version each tool chooses itself. */
  readonly own: readonly RegExp[];
}

const kubernetesLibraries = (
  'api apiextensions-apiserver apimachinery apiserver cli-runtime client-go cloud-provider cluster-bootstrap component-base ' +
  'component-helpers controller-manager cri-api cri-client csi-translation-lib dynamic-resource-allocation endpointslice ' +
  'externaljwt kms kube-aggregator kube-controller-manager kube-scheduler kubectl kubelet metrics mount-utils ' +
  'pod-security-admission'
)
  .split(' ')
  .map((name) => `k8s.io/${name}`);

export const versionRules: VersionRules = {
  held: {
    // Kubernetes itself works only with its own libraries, so all others use them too.
    ...Object.fromEntries(kubernetesLibraries.map((path) => [path, 'v0.34.1'])),
    // The last versions that work with these libraries.
    'sigs.k8s.io/controller-runtime': 'v0.22.3',
    'k8s.io/kube-openapi': 'v0.0.0-20250910181357-589584f1c912',
    'sigs.k8s.io/structured-merge-diff/v6': 'v6.3.0',
    // The API server evaluates policies with it.
    'github.com/google/cel-go': 'v0.26.1',
    // What Flux renders with.
    'sigs.k8s.io/kustomize/api': 'v0.20.1',
    'sigs.k8s.io/kustomize/kyaml': 'v0.20.1',
    // etcd itself.
    ...Object.fromEntries(
      ['api', 'client', 'client/pkg', 'pkg', 'server'].map((name) => [`go.etcd.io/etcd/${name}/v3`, 'v3.6.5']),
    ),
  },
  own: [
    // Change their API between minor versions, and are small.
    /^github\.com\/fluxcd\//,
    /^github\.com\/google\/go-containerregistry/,
    /^gitlab\.com\/gitlab-org\/api\/client-go$/,
    /^github\.com\/opencontainers\/go-digest$/,
    // The tools themselves, and what is chosen for one tool.
    /^github\.com\/pulumi\/pulumi\/pkg\//,
    /^github\.com\/siderolabs\/talos\//,
    /^github\.com\/Masterminds\/sprig\//,
    /^helm\.sh\/helm\//,
  ],
};
