import { join } from 'node:path';
import { sourceModules } from './manifest';
import { moduleDir } from './sourceModule';

/** Where the schemas of a set of API groups come from. */
export interface SchemaSource {
  name: string;
  /** API groups whose CustomResourceDefinitions are used; each group belongs to one row. */
  groups: readonly string[];
  /** Chart that installs them: the last segment of its OCIRepository's URL. */
  chart?: string;
  /** Product version that the pinned chart, source or setting installs. */
  productVersion: string;
  /** Go module that contains the CustomResourceDefinitions, one of `sourceModules`. */
  module: string;
  /** Files and folders in the module. */
  paths: readonly string[];
  /** Product version that the module contains, if it differs from the module's version. */
  sourceVersion?: string;
  /** Why the two versions differ by more than a patch. */
  skew?: string;
  /** What the installer of the CustomResourceDefinitions adds to them. */
  added?: readonly AddedValues[];
}

/** Enum values that are valid in addition to those in the CustomResourceDefinition, in each of its versions. */
export interface AddedValues {
  /** Name of the CustomResourceDefinition. */
  crd: string;
  /** Path to the field with the enum, in terms of the schema's `properties`; arrays are traversed. */
  field: readonly string[];
  values: readonly string[];
}

/** The API of Kubernetes itself, as OpenAPI. */
export const kubernetesSchemas = { module: 'k8s.io/kubernetes', path: 'api/openapi-spec/v3' } as const;

const operatorKinds = ['FluxInstance', 'ResourceSet', 'ResourceSetInputProvider'];

/** The API groups that manifests use in addition to those of Kubernetes. The only place that lists them. */
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
    // The operator ships the manifests of every Flux version that it can install.
    module: 'github.com/controlplaneio-fluxcd/flux-operator',
    paths: ['config/data/flux/v2.7.3'],
    sourceVersion: '2.7.3',
    // The operator allows its own kinds as event sources of alerts and as resources of receivers.
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
    skew: 'no module of the operator after v0.60.0 is available with its manifests',
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
    skew: 'the module archive of v8.3.0 is not available',
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
    name: 'barman-cloud',
    groups: ['barmancloud.cnpg.io'],
    chart: 'plugin-barman-cloud',
    productVersion: 'v0.7.0',
    module: 'github.com/cloudnative-pg/plugin-barman-cloud',
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
 * The schemas for checking someone else's repository. Its charts install CustomResourceDefinitions of other versions than
 * ours, so only those of Flux are used, in the newest version, which has all fields of the earlier ones.
 */
export const foreignSchemaSources: readonly SchemaSource[] = schemaSources
  .filter(({ name }) => name === 'flux')
  .map((row) => ({ ...row, productVersion: '2.9.4', paths: ['config/data/flux/v2.9.4'], sourceVersion: '2.9.4' }));

/** Everything that determines the schemas, for a cache key. */
export function schemaPins(sources: readonly SchemaSource[] = schemaSources): unknown {
  const pin = (module: string): unknown => [module, sourceModules[module]];
  return [
    pin(kubernetesSchemas.module),
    kubernetesSchemas.path,
    sources.map(({ name, groups, module, paths, added }) => [name, groups, paths, added, pin(module)]),
  ];
}

/** A row with the files that its schemas are built from. */
export interface SchemaFiles {
  row: SchemaSource;
  name: string;
  groups: readonly string[];
  files: string[];
}

/** The files of pinned modules that schemas are built from; downloads missing modules. */
export async function schemaFiles(
  rows: readonly SchemaSource[] = schemaSources,
): Promise<{ openapi: string; sources: SchemaFiles[] }> {
  const sources: SchemaFiles[] = [];
  // Sequentially: two downloads of the same module would interfere.
  for (const row of rows) {
    const { name, groups, module, paths } = row;
    const folder = await moduleDir(module);
    sources.push({ row, name, groups, files: paths.map((path) => join(folder, path)) });
  }
  return { openapi: join(await moduleDir(kubernetesSchemas.module), kubernetesSchemas.path), sources };
}
