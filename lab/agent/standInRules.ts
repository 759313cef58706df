import { allocate, type PoolState } from './loadBalancerAddresses';
import type { ReportedObject } from './reportedObject';

/**
 * What the stand-in for an operator says of the objects of one kind: that they are as their spec wants them. It does
 * nothing else of the operator's work, and says nothing before the operator's own pods are up.
 */
export interface StandInRule {
  /** The operator that is stood in for. */
  operator: string;
  /** Its Deployment, without which nothing is said. */
  deployment: { namespace: string; name: string };
  kind: string;
  /** `/apis/<group>/<version>` or `/api/v1`, and the plural. */
  api: string;
  plural: string;
  /** What the status then claims and what is not done, for the status page. */
  claims: string;
  /** The status to merge into the object's; undefined when it has to wait. */
  status: (object: ReportedObject, state: PoolState) => Record<string, unknown> | undefined;
}

const certManager = { namespace: 'cert-manager', name: 'cert-manager' };
const ciliumOperator = { namespace: 'kube-system', name: 'cilium-operator' };
const rookOperator = { namespace: 'rook-ceph', name: 'rook-ceph-operator' };

/** A condition as Kubernetes types have it; its time is the lab's first, so that it does not change. */
const condition = (type: string, reason: string, object: ReportedObject): Record<string, unknown> => ({
  type,
  status: 'True',
  reason,
  message: 'said by a stand-in of the lab',
  observedGeneration: object.metadata.generation ?? 1,
  lastTransitionTime: '2025-01-01T00:00:00Z',
});

/** For a type whose schema does not have the field: it would be dropped, and said again in every round. */
function withoutGeneration(one: Record<string, unknown>): Record<string, unknown> {
  const { observedGeneration: _observedGeneration, ...rest } = one;
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

/** Every kind that a stand-in reports on. One table; nothing else in the lab sets a status of these. */
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
    claims: 'Accepted and Programmed; no listener listens',
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
    claims: 'an address of a CiliumLoadBalancerIPPool; nothing answers there',
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
