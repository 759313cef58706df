/** The Namespaces that must exist before Flux runs. Pulumi creates them; Git owns everything else about them. */
export const bootstrapNamespaces = ['cert-manager', 'external-secrets', 'flux-system'] as const;

/** Flux's namespace. Its root Kustomization has the same name. */
export const fluxNamespace = 'flux-system';

/** The Flux Kustomization that flux-instance creates and that applies all others. */
export const rootKustomization = 'flux-system';

/**
 * The Flux Kustomizations whose CustomResourceDefinitions are applied, in this order, before anything is installed.
 * Gateway API comes before Cilium, whose operator looks for it only at startup.
 */
export const crdKustomizations = [
  { kind: 'git', name: 'gateway-api' },
  { kind: 'chart', name: 'prometheus-operator-crds' },
  { kind: 'chart', name: 'victoria-metrics-operator-crds' },
  { kind: 'chart', name: 'cert-manager' },
  { kind: 'chart', name: 'external-secrets' },
] as const;

/**
 * The releases that are installed before Flux can run, by the name of their Kustomization. A stage starts when the one
 * before it is installed; its releases do not need each other. Flux's instance comes last: as soon as it runs, Flux
 * adopts the others, and must not find one that is still being installed.
 */
export const coreStages = [
  ['cilium'],
  ['coredns'],
  ['spegel', 'cert-manager', 'external-secrets', 'flux-operator'],
  ['flux-instance'],
] as const;

/** The releases of all stages, in order. */
export const coreReleases = coreStages.flat();

/** The Kustomizations that the bootstrap reads. */
export const bootstrapKustomizations: readonly string[] = [
  ...new Set<string>([...crdKustomizations.map(({ name }) => name), ...coreReleases]),
];

/** The Secrets that the program creates before their readers start, each in a bootstrap or system namespace. */
export const connectTokenNamespace = 'external-secrets';
export const ciliumCaSecret = { name: 'cilium-ca', namespace: 'kube-system' } as const;

/** The ConfigMap with Cilium's trusted CAs: the current one and, during a rotation, the previous one. */
export const ciliumCaBundle = { name: 'cilium-root-ca.crt', namespace: 'kube-system', key: 'ca.crt' } as const;

/** The CAs that a cluster has as soon as a system that it lists reads one. All clusters share them. */
export const sharedAuthorities = {
  // All clusters know the front door of the cluster that stores by it: its only certificate is that of vmauth.
  observabilityCa: {
    title: 'kubernetes/shared/observability-ca',
    commonName: 'Observability CA',
    validityYears: 10,
  },
  // Callers in any cluster know databases, caches and brokers by it.
  servicesCa: { title: 'kubernetes/shared/services-ca', commonName: 'Services CA', validityYears: 10 },
} as const;
export type SharedAuthority = keyof typeof sharedAuthorities;

/** The Cilium CA in 1Password. All clusters share it, because a mesh requires one CA. */
export const ciliumCa = { title: 'kubernetes/shared/cilium-ca', commonName: 'Cilium CA', validityYears: 10 } as const;
