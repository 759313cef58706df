import { allocate, type PoolState } from './loadBalancerAddresses';
import type { ReportedObject } from './reportedObject';

/**
 * What the stand-in for an operator reports for objects of one kind: that they match their spec. It does none of the
 * operator's other work, and reports nothing until the operator's pods are running.
 */
export interface StandInRule {
  /** The operator it stands in for. */
  operator: string;
  /** The operator's Deployment, without which nothing is reported. */
  deployment: { namespace: string; name: string };
  kind: string;
  /** `/apis/<group>/<version>` or `/api/v1`, and the plural. */
  api: string;
  plural: string;
  /** What the status claims and what is not done, for the status page. */
  claims: string;
  /** The status to merge into the object's; undefined if there is nothing to report yet. */
  status: (object: ReportedObject, state: PoolState) => Record<string, unknown> | undefined;
}

const certManager = { namespace: 'cert-manager', name: 'cert-manager' };
const ciliumOperator = { namespace: 'kube-system', name: 'cilium-operator' };
const rookOperator = { namespace: 'rook-ceph', name: 'rook-ceph-operator' };

/** A standard condition. Its time is constant, so that repeated reports are equal. */
const condition = (type: string, reason: string, object: ReportedObject): Record<string, unknown> => ({
  type,
  status: 'True',
  reason,
  message: 'reported by a stand-in of the lab',
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

const issuer = { operator: 'cert-manager controller', deployment: certManager, api: '/apis/cert-manager.io/v1' };
const gateway = {
  operator: 'Cilium Gateway API',
  deployment: ciliumOperator,
  api: '/apis/gateway.networking.k8s.io/v1',
};
const rook = { operator: 'Rook', deployment: rookOperator, api: '/apis/ceph.rook.io/v1' };

const flux = (controller: string) => ({
  operator: controller,
  deployment: { namespace: 'flux-system', name: controller },
  status: (object: ReportedObject): Record<string, unknown> => ({
    observedGeneration: object.metadata.generation ?? 1,
    conditions: [condition('Ready', 'Succeeded', object)],
  }),
});
const receiver = { ...flux('notification-controller'), api: '/apis/notification.toolkit.fluxcd.io/v1' };
const reflector = { ...flux('image-reflector-controller'), api: '/apis/image.toolkit.fluxcd.io/v1' };
const automation = { ...flux('image-automation-controller'), api: '/apis/image.toolkit.fluxcd.io/v1' };

/** All kinds that stand-ins report on. Nothing else in the lab sets their status. */
export const standInRules: readonly StandInRule[] = [
  {
    ...issuer,
    kind: 'ClusterIssuer',
    plural: 'clusterissuers',
    claims: 'Ready; has no account',
    status: ready('ACMEAccountRegistered'),
  },
  { ...issuer, kind: 'Certificate', plural: 'certificates', claims: 'Ready; issues nothing', status: ready('Ready') },
  {
    ...gateway,
    kind: 'GatewayClass',
    plural: 'gatewayclasses',
    claims: 'Accepted',
    status: (object) => ({ conditions: [condition('Accepted', 'Accepted', object)] }),
  },
  {
    ...gateway,
    kind: 'Gateway',
    plural: 'gateways',
    claims: 'Accepted and Programmed; no listener accepts connections',
    status: (object) => ({
      conditions: [condition('Accepted', 'Accepted', object), condition('Programmed', 'Programmed', object)],
    }),
  },
  {
    operator: 'Cilium LB IPAM',
    deployment: ciliumOperator,
    kind: 'Service of type LoadBalancer',
    api: '/api/v1',
    plural: 'services',
    claims: 'an address of a CiliumLoadBalancerIPPool; nothing responds there',
    status: allocate,
  },
  {
    ...rook,
    kind: 'CephCluster',
    plural: 'cephclusters',
    claims: 'Ready and HEALTH_OK; there is no Ceph',
    status: (object) => ({
      ...{ phase: 'Ready', state: 'Created', ceph: { health: 'HEALTH_OK' } },
      conditions: [withoutGeneration(condition('Ready', 'ClusterCreated', object))],
    }),
  },
  { ...rook, kind: 'CephBlockPool', plural: 'cephblockpools', claims: 'Ready', status: phaseReady },
  { ...rook, kind: 'CephFilesystem', plural: 'cephfilesystems', claims: 'Ready', status: phaseReady },
  {
    ...rook,
    kind: 'CephFilesystemSubVolumeGroup',
    plural: 'cephfilesystemsubvolumegroups',
    claims: 'Ready',
    status: phaseReady,
  },
  { ...rook, kind: 'CephObjectStore', plural: 'cephobjectstores', claims: 'Ready', status: phaseReady },
  { ...rook, kind: 'CephObjectStoreUser', plural: 'cephobjectstoreusers', claims: 'Ready', status: phaseReady },
  { ...receiver, kind: 'Receiver', plural: 'receivers', claims: 'Ready; receives nothing' },
  { ...reflector, kind: 'ImageRepository', plural: 'imagerepositories', claims: 'Ready; scans nothing' },
  { ...reflector, kind: 'ImagePolicy', plural: 'imagepolicies', claims: 'Ready; chooses nothing' },
  { ...automation, kind: 'ImageUpdateAutomation', plural: 'imageupdateautomations', claims: 'Ready; writes nothing' },
];
