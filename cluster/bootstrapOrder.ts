/** The Namespaces that exist before Flux does. Pulumi makes them; everything else about them is Git's. */
export const bootstrapNamespaces = ['cert-manager', 'external-secrets', 'flux-system'] as const;

/** Where Flux lives; its root Kustomization has the same name. */
export const fluxNamespace = 'flux-system';

/** The Flux Kustomization that flux-instance makes and that applies all others. */
export const rootKustomization = 'flux-system';

/**
 * Whose CustomResourceDefinitions are applied before anything is installed, in this order, by the name of the Flux
 * Kustomization that will own them. Gateway API comes before Cilium, whose operator looks for it once.
 */
export const crdKustomizations = [
  { kind: 'git', name: 'gateway-api' },
  { kind: 'chart', name: 'prometheus-operator-crds' },
  { kind: 'chart', name: 'victoria-metrics-operator-crds' },
  { kind: 'chart', name: 'cert-manager' },
  { kind: 'chart', name: 'external-secrets' },
] as const;

/** The releases that are installed before Flux can, each after the one before it, by their Kustomization's name. */
export const coreReleases = [
  'cilium',
  'coredns',
  'spegel',
  'cert-manager',
  'external-secrets',
  'flux-operator',
  'flux-instance',
] as const;

/** The name of a core release. */
export type CoreRelease = (typeof coreReleases)[number];

/** The Kustomizations that the bootstrap takes anything from. */
export const bootstrapKustomizations: readonly string[] = [
  ...new Set<string>([...crdKustomizations.map(({ name }) => name), ...coreReleases]),
];

/** The Secrets that the program seeds before their readers start; `Namespace` of each is a bootstrap or system one. */
export const connectTokenNamespace = 'external-secrets';
export const ciliumCaSecret = { name: 'cilium-ca', namespace: 'kube-system' } as const;

/** The ConfigMap with what Cilium trusts, seeded with them: during a rotation the CA and the one before it. */
export const ciliumCaBundle = { name: 'cilium-root-ca.crt', namespace: 'kube-system', key: 'ca.crt' } as const;

/** The one Cilium CA of all clusters: where it is kept in 1Password. A mesh needs it to be the same everywhere. */
export const ciliumCa = { title: 'kubernetes/shared/cilium-ca', commonName: 'Cilium CA', validityYears: 10 } as const;

/** The Kustomizations that the handover waits for: the root and all that it applies, each once. */
export function initialKustomizations(names: readonly string[]): string[] {
  return [...new Set([rootKustomization, ...names])];
}
