import { join } from 'node:path';
import { sourceModules } from './manifest';
import { moduleDir } from './sourceModule';

/** Where the schemas of some API groups come from. */
export interface SchemaSource {
  name: string;
  /** API groups whose CustomResourceDefinitions are taken; a group stands in one row. */
  groups: readonly string[];
  /** Chart that brings them to the clusters: the last segment of its OCIRepository's address. */
  chart?: string;
  /** Version of the product that the pinned chart, source or setting installs. */
  productVersion: string;
  /** Go module with the CustomResourceDefinitions, one of `sourceModules`. */
  module: string;
  /** Files and folders in the module. */
  paths: readonly string[];
  /** Version of the product that the module holds, where that is not the module's own. */
  heldVersion?: string;
  /** Why both versions differ by more than a patch. */
  skew?: string;
  /** What whoever installs the CustomResourceDefinitions adds to them. */
  added?: readonly AddedValues[];
}

/** Values that a field may have besides those that its CustomResourceDefinition lists, in every version of it. */
export interface AddedValues {
  /** Name of the CustomResourceDefinition. */
  crd: string;
  /** Fields down to the one with the list, as they stand in the schema's `properties`; lists are gone through. */
  field: readonly string[];
  values: readonly string[];
}

/** The API of Kubernetes itself, as OpenAPI. */
export const kubernetesSchemas = { module: 'k8s.io/kubernetes', path: 'api/openapi-spec/v3' } as const;

const operatorKinds = ['FluxInstance', 'ResourceSet', 'ResourceSetInputProvider'];

/** The API groups that manifests use beyond Kubernetes' own: one fact, one place. */
export const schemaSources: readonly SchemaSource[] = [
  {
    name: 'flux',
    groups: [
      'helm.toolkit.fluxcd.io',
      'image.toolkit.fluxcd.io',
      'kustomize.toolkit.fluxcd.io',
      'notification.toolkit.fluxcd.io',
      'source.extensions.fluxcd.io',
      'source.toolkit.fluxcd.io',
    ],
    productVersion: '2.7.3',
    // The operator carries the manifests of every Flux that it installs.
    module: 'github.com/controlplaneio-fluxcd/flux-operator',
    paths: ['config/data/flux/v2.7.3'],
    heldVersion: '2.7.3',
    // The operator lets events of its own kinds be sent on, and its own kinds be told to reconcile.
    added: [
      { crd: 'alerts.notification.toolkit.fluxcd.io', field: ['spec', 'eventSources', 'kind'], values: operatorKinds },
      { crd: 'receivers.notification.toolkit.fluxcd.io', field: ['spec', 'resources', 'kind'], values: operatorKinds },
    ],
  },
  {
    name: 'flux-operator',
    groups: ['fluxcd.controlplane.io'],
    chart: 'flux-operator',
    productVersion: 'v0.58.0',
    module: 'github.com/controlplaneio-fluxcd/flux-operator',
    paths: ['config/crd/bases'],
  },
  {
    name: 'gateway-api',
    groups: ['gateway.networking.k8s.io'],
    productVersion: 'v1.3.0',
    module: 'sigs.k8s.io/gateway-api',
    paths: ['config/crd/standard'],
  },
  {
    name: 'cilium',
    groups: ['cilium.io'],
    chart: 'cilium',
    productVersion: '1.18.3',
    module: 'github.com/cilium/cilium',
    paths: ['pkg/k8s/apis/cilium.io/client/crds'],
  },
  {
    name: 'cert-manager',
    groups: ['cert-manager.io', 'acme.cert-manager.io'],
    chart: 'cert-manager',
    productVersion: 'v1.19.1',
    module: 'github.com/cert-manager/cert-manager',
    paths: ['deploy/crds'],
  },
  {
    name: 'external-secrets',
    groups: ['external-secrets.io', 'generators.external-secrets.io'],
    chart: 'external-secrets',
    productVersion: 'v0.20.3',
    module: 'github.com/external-secrets/external-secrets',
    paths: ['config/crds/bases'],
  },
  {
    name: 'prometheus-operator',
    groups: ['monitoring.coreos.com'],
    chart: 'prometheus-operator-crds',
    productVersion: 'v0.86.1',
    module: 'github.com/prometheus-operator/prometheus-operator',
    paths: ['example/prometheus-operator-crd'],
  },
  {
    name: 'victoria-metrics',
    groups: ['operator.victoriametrics.com'],
    chart: 'victoria-metrics-operator-crds',
    productVersion: 'v0.63.0',
    module: 'github.com/VictoriaMetrics/operator',
    paths: ['config/crd/overlay/crd.yaml'],
    skew: "the operator's modules after v0.60.0 cannot be had with their manifests",
  },
  {
    name: 'external-dns',
    groups: ['externaldns.k8s.io'],
    chart: 'external-dns',
    productVersion: 'v0.19.0',
    module: 'sigs.k8s.io/external-dns',
    paths: ['charts/external-dns/crds'],
  },
  {
    name: 'rook',
    groups: ['ceph.rook.io', 'objectbucket.io'],
    chart: 'rook-ceph',
    productVersion: 'v1.18.6',
    module: 'github.com/rook/rook',
    paths: ['deploy/examples/crds.yaml'],
  },
  {
    name: 'snapshot-controller',
    groups: ['snapshot.storage.k8s.io', 'groupsnapshot.storage.k8s.io'],
    chart: 'snapshot-controller',
    productVersion: 'v8.3.0',
    module: 'github.com/kubernetes-csi/external-snapshotter/client/v8',
    paths: ['config/crd'],
    skew: 'the archive of v8.3.0 cannot be had',
  },
  {
    name: 'volsync',
    groups: ['volsync.backube'],
    chart: 'volsync',
    productVersion: 'v0.14.0',
    module: 'github.com/backube/volsync',
    paths: ['config/crd/bases'],
  },
  {
    name: 'cloudnative-pg',
    groups: ['postgresql.cnpg.io'],
    chart: 'cloudnative-pg',
    productVersion: 'v1.27.0',
    module: 'github.com/cloudnative-pg/cloudnative-pg',
    paths: ['config/crd/bases'],
  },
  {
    name: 'kyverno',
    groups: ['kyverno.io', 'policies.kyverno.io', 'reports.kyverno.io', 'wgpolicyk8s.io'],
    chart: 'kyverno',
    productVersion: 'v1.15.2',
    module: 'github.com/kyverno/kyverno',
    paths: ['config/crds'],
  },
];

/**
 * What a repository of somebody else's is held against. Its charts bring CustomResourceDefinitions of other versions than
 * ours, so only what Flux itself serves is known; and Flux in its newest version, which knows all fields of those before.
 */
export const foreignSchemaSources: readonly SchemaSource[] = schemaSources
  .filter(({ name }) => name === 'flux')
  .map((row) => ({ ...row, productVersion: '2.9.4', paths: ['config/data/flux/v2.9.4'], heldVersion: '2.9.4' }));

/** Every version that schemas come from, so that another one makes another set. */
export function schemaPins(sources: readonly SchemaSource[] = schemaSources): unknown {
  const pin = (module: string): unknown => [module, sourceModules[module]];
  return [
    pin(kubernetesSchemas.module),
    kubernetesSchemas.path,
    sources.map(({ name, groups, module, paths, added }) => [name, groups, paths, added, pin(module)]),
  ];
}

/** A row, with the files that its schemas are made from. */
export interface SchemaFiles {
  row: SchemaSource;
  name: string;
  groups: readonly string[];
  files: string[];
}

/** The files of pinned modules that schemas are made from; downloaded when they are not there. */
export async function schemaFiles(
  rows: readonly SchemaSource[] = schemaSources,
): Promise<{ openapi: string; sources: SchemaFiles[] }> {
  const sources: SchemaFiles[] = [];
  // One after the other: two downloads of one module would disturb each other.
  for (const row of rows) {
    const { name, groups, module, paths } = row;
    const folder = await moduleDir(module);
    sources.push({ row, name, groups, files: paths.map((path) => join(folder, path)) });
  }
  return { openapi: join(await moduleDir(kubernetesSchemas.module), kubernetesSchemas.path), sources };
}
