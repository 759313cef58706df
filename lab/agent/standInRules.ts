import * as cloudNativePg from './cloudNativePg';
import * as dragonflies from './dragonfly';
import { keycloakRules } from './keycloak';
import { allocate, isPooled } from './loadBalancerAddresses';
import * as imageAutomation from './imageAutomation';
import * as refusals from './refusals';
import type { Refusal } from './refusals';
import type { ReportedObject } from './reportedObject';
import type { StandInRule } from './standInRule';
import { strimziRules } from './strimzi';
import * as victoriaMetrics from './victoriaMetrics';

const certManager = { namespace: 'cert-manager', name: 'cert-manager' };
const ciliumOperator = { namespace: 'kube-system', name: 'cilium-operator' };
const rookOperator = { namespace: 'rook-ceph', name: 'rook-ceph-operator' };

/** A standard condition. Its time is constant, so that repeated reports are equal. */
const condition = (
  type: string,
  reason: string,
  object: ReportedObject,
  refusal?: string,
): Record<string, unknown> => ({
  type,
  status: refusal === undefined ? 'True' : 'False',
  reason,
  message: refusal === undefined ? 'reported by a stand-in of the lab' : `a stand-in of the lab refuses: ${refusal}`,
  observedGeneration: object.metadata.generation ?? 1,
  lastTransitionTime: '2025-01-01T00:00:00Z',
});

/** For a type whose schema lacks the field: the API server would drop it, and every round would report it again. */
function withoutGeneration(fields: Record<string, unknown>): Record<string, unknown> {
  const { observedGeneration: _observedGeneration, ...rest } = fields;
  return rest;
}

const ready =
  (reason: string) =>
  (object: ReportedObject): Record<string, unknown> => ({ conditions: [condition('Ready', reason, object)] });

const phaseReady = (): Record<string, unknown> => ({ phase: 'Ready' });

const notReady =
  (reason: string) =>
  (object: ReportedObject, why: string): Record<string, unknown> => ({
    conditions: [condition('Ready', reason, object, why)],
  });
/** Rook's phase while it cannot bring the object to its spec. */
const phaseFailure = (): Record<string, unknown> => ({ phase: 'Failure' });

const issuer = {
  operator: 'cert-manager controller',
  deployment: certManager,
  api: '/apis/cert-manager.io/v1',
  refused: notReady('Refused'),
};
const gateway = {
  operator: 'Cilium Gateway API',
  deployment: ciliumOperator,
  api: '/apis/gateway.networking.k8s.io/v1',
};
const rook = { operator: 'Rook', deployment: rookOperator, api: '/apis/ceph.rook.io/v1', refused: phaseFailure };

const victoriaMetricsRule = (kind: string, plural: string, refuses: Refusal): StandInRule => ({
  operator: 'VictoriaMetrics operator',
  deployment: { namespace: 'observability', name: 'victoria-metrics-operator' },
  api: '/apis/operator.victoriametrics.com/v1beta1',
  kind,
  plural,
  claims: 'operational; runs nothing',
  refuses,
  status: ({ metadata }) => ({ updateStatus: 'operational', observedGeneration: metadata.generation ?? 1 }),
  refused: ({ metadata }, why) => ({
    updateStatus: 'failed',
    reason: why,
    observedGeneration: metadata.generation ?? 1,
  }),
});

const postgres = {
  operator: 'CloudNativePG',
  deployment: { namespace: 'cnpg-system', name: 'cloudnative-pg' },
  api: '/apis/postgresql.cnpg.io/v1',
};

const imageRule = (kind: string, plural: string, claims: string, refuses: Refusal): StandInRule => {
  const controller = `image-${kind === 'ImageUpdateAutomation' ? 'automation' : 'reflector'}-controller`;
  const status = (object: ReportedObject, reason: string, why?: string): Record<string, unknown> => ({
    observedGeneration: object.metadata.generation ?? 1,
    conditions: [condition('Ready', reason, object, why)],
  });
  return {
    operator: controller,
    deployment: { namespace: 'flux-system', name: controller },
    api: '/apis/image.toolkit.fluxcd.io/v1',
    kind,
    plural,
    claims,
    refuses,
    status: (object) => status(object, 'Succeeded'),
    refused: (object, why) => status(object, 'Failed', why),
  };
};

/**
 * All kinds that stand-ins report on. Nothing else in the lab sets their status: an object of another kind whose controller is
 * missing never becomes ready.
 */
export const standInRules: readonly StandInRule[] = [
  {
    ...issuer,
    kind: 'ClusterIssuer',
    plural: 'clusterissuers',
    claims: 'Ready; has no account',
    refuses: refusals.issuer,
    status: ready('ACMEAccountRegistered'),
  },
  {
    ...issuer,
    kind: 'Issuer',
    plural: 'issuers',
    claims: 'Ready; issues nothing',
    refuses: refusals.issuer,
    status: ready('KeyPairVerified'),
  },
  {
    ...issuer,
    kind: 'Certificate',
    plural: 'certificates',
    claims: 'Ready; issues nothing',
    refuses: refusals.certificate,
    status: ready('Ready'),
  },
  {
    ...gateway,
    kind: 'GatewayClass',
    plural: 'gatewayclasses',
    claims: 'Accepted',
    refuses: refusals.gatewayClass,
    status: (object) => ({ conditions: [condition('Accepted', 'Accepted', object)] }),
    refused: (object, why) => ({ conditions: [condition('Accepted', 'InvalidParameters', object, why)] }),
  },
  {
    ...gateway,
    kind: 'Gateway',
    plural: 'gateways',
    claims: 'Accepted and Programmed with the addresses of its spec; no listener accepts connections',
    refuses: refusals.gateway,
    status: (object, state) => {
      const [outside] = requestedAddresses(object).filter((address) => !isPooled(address, state));
      const why = outside === undefined ? undefined : `no pool has address ${outside}`;
      return {
        ...(why === undefined && {
          addresses: requestedAddresses(object).map((value) => ({ type: 'IPAddress', value })),
        }),
        conditions: [
          condition('Accepted', 'Accepted', object),
          condition('Programmed', why === undefined ? 'Programmed' : 'AddressNotAssigned', object, why),
        ],
      };
    },
    refused: (object, why) => ({
      conditions: [
        condition('Accepted', 'ListenersNotValid', object, why),
        condition('Programmed', 'ListenersNotValid', object, why),
      ],
    }),
  },
  {
    operator: 'Cilium LB IPAM',
    deployment: ciliumOperator,
    kind: 'Service of type LoadBalancer',
    api: '/api/v1',
    plural: 'services',
    claims: 'an address of a CiliumLoadBalancerIPPool; nothing responds there',
    // `allocate` assigns no address that no pool has.
    refuses: () => Promise.resolve(undefined),
    status: allocate,
    refused: () => undefined,
  },
  {
    ...rook,
    kind: 'CephCluster',
    plural: 'cephclusters',
    claims: 'Ready and HEALTH_OK; there is no Ceph',
    refuses: refusals.cephCluster,
    status: (object) => ({
      ...{ phase: 'Ready', state: 'Created', ceph: { health: 'HEALTH_OK' } },
      conditions: [withoutGeneration(condition('Ready', 'ClusterCreated', object))],
    }),
    refused: (object, why) => ({
      ...{ phase: 'Failure', state: 'Error', ceph: { health: 'HEALTH_ERR' } },
      conditions: [withoutGeneration(condition('Ready', 'ClusterCreateFailed', object, why))],
    }),
  },
  {
    ...rook,
    kind: 'CephBlockPool',
    plural: 'cephblockpools',
    claims: 'Ready',
    refuses: refusals.cephBlockPool,
    status: phaseReady,
  },
  {
    ...rook,
    kind: 'CephFilesystem',
    plural: 'cephfilesystems',
    claims: 'Ready',
    refuses: refusals.cephFilesystem,
    status: phaseReady,
  },
  {
    ...rook,
    kind: 'CephFilesystemSubVolumeGroup',
    plural: 'cephfilesystemsubvolumegroups',
    claims: 'Ready',
    refuses: refusals.cephSubVolumeGroup,
    status: phaseReady,
  },
  {
    ...rook,
    kind: 'CephObjectStore',
    plural: 'cephobjectstores',
    claims: 'Ready',
    refuses: refusals.cephObjectStore,
    status: phaseReady,
  },
  {
    ...rook,
    kind: 'CephObjectStoreUser',
    plural: 'cephobjectstoreusers',
    claims: 'Ready',
    refuses: refusals.cephObjectStoreUser,
    status: phaseReady,
  },
  victoriaMetricsRule('VMAgent', 'vmagents', victoriaMetrics.vmAgent),
  victoriaMetricsRule('VMCluster', 'vmclusters', victoriaMetrics.vmCluster),
  victoriaMetricsRule('VMAuth', 'vmauths', victoriaMetrics.vmAuth),
  victoriaMetricsRule('VMAlert', 'vmalerts', victoriaMetrics.vmAlert),
  victoriaMetricsRule('VMAlertmanager', 'vmalertmanagers', victoriaMetrics.vmAlertmanager),
  victoriaMetricsRule('VMAlertmanagerConfig', 'vmalertmanagerconfigs', victoriaMetrics.vmAlertmanagerConfig),
  ...strimziRules,
  imageRule('ImageRepository', 'imagerepositories', 'Ready; scanned nothing', imageAutomation.imageRepository),
  imageRule('ImagePolicy', 'imagepolicies', 'Ready; selected no tag', imageAutomation.imagePolicy),
  imageRule(
    'ImageUpdateAutomation',
    'imageupdateautomations',
    'Ready; pushed nothing',
    imageAutomation.imageUpdateAutomation,
  ),
  ...keycloakRules,
  {
    ...postgres,
    kind: 'Cluster',
    plural: 'clusters',
    claims: 'healthy; there is no Postgres, no volume and no backup',
    refuses: cloudNativePg.cluster,
    status: (object) => ({
      phase: 'Cluster in healthy state',
      conditions: [condition('Ready', 'ClusterIsReady', object)],
    }),
    refused: (object, why) => ({
      phase: 'Unable to create required cluster objects',
      phaseReason: why,
      conditions: [condition('Ready', 'ClusterIsNotReady', object, why)],
    }),
  },
  {
    ...postgres,
    kind: 'Database',
    plural: 'databases',
    claims: 'applied; there is no database',
    refuses: cloudNativePg.database,
    status: ({ metadata }) => ({ applied: true, observedGeneration: metadata.generation ?? 1 }),
    refused: ({ metadata }, why) => ({
      applied: false,
      message: why,
      observedGeneration: metadata.generation ?? 1,
    }),
  },
  {
    ...postgres,
    kind: 'Pooler',
    plural: 'poolers',
    claims: 'all of its instances; there is no PgBouncer and no Service',
    refuses: cloudNativePg.pooler,
    status: ({ spec }) => ({ instances: spec?.['instances'] ?? 1 }),
    refused: () => ({ instances: 0 }),
  },
  {
    ...postgres,
    kind: 'ScheduledBackup',
    plural: 'scheduledbackups',
    claims: 'looked at; makes no backup',
    refuses: cloudNativePg.scheduledBackup,
    status: () => ({ lastCheckTime: '2025-01-01T00:00:00Z' }),
    refused: () => undefined,
  },
  {
    operator: 'Dragonfly operator',
    deployment: { namespace: 'dragonfly-operator-system', name: 'dragonfly-operator' },
    api: '/apis/dragonflydb.io/v1alpha1',
    kind: 'Dragonfly',
    plural: 'dragonflies',
    claims: 'Ready; there is no Dragonfly, no volume and no Service',
    refuses: dragonflies.dragonfly,
    status: phaseReady,
    refused: () => ({ phase: 'ResourcesCreated' }),
  },
  {
    operator: 'notification-controller',
    deployment: { namespace: 'flux-system', name: 'notification-controller' },
    api: '/apis/notification.toolkit.fluxcd.io/v1',
    kind: 'Receiver',
    plural: 'receivers',
    claims: 'Ready; receives nothing',
    refuses: refusals.receiver,
    status: (object) => ({
      observedGeneration: object.metadata.generation ?? 1,
      conditions: [condition('Ready', 'Succeeded', object)],
    }),
    refused: (object, why) => ({
      observedGeneration: object.metadata.generation ?? 1,
      conditions: [condition('Ready', 'TokenNotFound', object, why)],
    }),
  },
];

function requestedAddresses({ spec }: ReportedObject): string[] {
  const addresses = (spec?.['addresses'] ?? []) as { value?: string }[];
  return addresses.flatMap(({ value }) => value ?? []);
}
