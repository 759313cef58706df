import * as fs from 'node:fs';
import * as path from 'node:path';
import { listStacks } from '../../cluster/stackFile';
import { restored } from './base';
import { Checkout, until } from './checkout';

// The isolation checklist of docs/tenants.md: what reaches outside is refused, each by its own part of the API server. A restored
// lab; nothing that a tenant is refused leaves anything behind, and the rest is deleted.
const minute = 60_000;
const checkout = new Checkout('tenants');
const stacks = listStacks(checkout.root);

interface Kustomization {
  metadata: { name: string; namespace: string };
  status?: { conditions?: { type: string; status: string; message: string }[] };
}

interface Namespace {
  metadata: { name: string; labels?: Record<string, string> };
}

/** A cluster with tenants, a namespace of a tenant, its team and environment, and the private domain of the gateways. */
let place: { cluster: string; namespace: string; team: string; environment: string; domain: string };

beforeAll(async () => {
  await restored(checkout);
  for (const cluster of stacks) {
    const [namespace] = await checkout.get<Namespace>(cluster, 'namespaces', '-l', 'k8s-gitops/tenant');
    if (namespace === undefined) continue;
    const { name, labels = {} } = namespace.metadata;
    const [gateway] = await checkout.get<{ spec: { listeners: { name: string; hostname?: string }[] } }>(
      cluster,
      'gateways',
      '--namespace=networking',
      '--field-selector=metadata.name=internal',
    );
    const hostname = gateway?.spec.listeners.find((listener) => listener.name === 'https')?.hostname ?? '';
    place = {
      cluster,
      namespace: name,
      team: labels['k8s-gitops/tenant'] ?? '',
      environment: labels['k8s-gitops/environment'] ?? '',
      domain: hostname.replace(/^\*\./, ''),
    };
    return;
  }
  throw new Error('no cluster of the lab has a namespace with label k8s-gitops/tenant');
}, 60 * minute);
afterAll(() => checkout.remove(), 5 * minute);

let files = 0;
/** Creates an object in the tenant's namespace, or the one it names, as the tenant's account or as the admin. */
async function create(object: object, { as = 'tenant' }: { as?: 'tenant' | 'admin' } = {}) {
  const file = path.join(checkout.labDir, `tenant-test-${files++}.json`);
  fs.writeFileSync(file, JSON.stringify(object));
  const account = as === 'tenant' ? [`--as=system:serviceaccount:${place.namespace}:flux`] : [];
  return checkout.lab('kubectl', '--cluster', place.cluster, 'create', '--validate=ignore', ...account, '-f', file);
}

const remove = (...what: string[]): Promise<string> =>
  checkout.must('kubectl', '--cluster', place.cluster, 'delete', '--namespace', place.namespace, ...what);

/** Metadata in the tenant's namespace. */
const named = (name: string, more: object = {}) => ({ name, namespace: place.namespace, ...more });

const container = {
  name: 'app',
  image: 'registry.example.org/app:1.0.0',
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  resources: { requests: { cpu: '1m', memory: '1Mi' }, limits: { memory: '1Mi' } },
};
const podSpec = {
  securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
};
const pod = (name: string, spec: object) => ({
  ...{ apiVersion: 'v1', kind: 'Pod', metadata: named(name, { labels: { 'app.kubernetes.io/name': name } }) },
  spec: { ...podSpec, containers: [container], ...spec },
});
const service = (name: string, spec: object, metadata: object = {}) => ({
  ...{ apiVersion: 'v1', kind: 'Service', metadata: named(name, metadata) },
  spec: { ports: [{ port: 80 }], ...spec },
});
const rbac = 'rbac.authorization.k8s.io';
const route = (name: string, spec: object) => ({
  ...{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', metadata: named(name) },
  spec: {
    parentRefs: [{ name: 'internal', namespace: 'networking', sectionName: 'https' }],
    hostnames: [`test-${place.namespace}.${place.domain}`],
    ...spec,
  },
});
const secret = (name: string, spec: object) => ({
  ...{ apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata: named(name) },
  spec: { refreshInterval: '1h', secretStoreRef: { kind: 'ClusterSecretStore', name: 'onepassword' }, ...spec },
});
const fromItem = (key: string) => ({ data: [{ secretKey: 'x', remoteRef: { key, property: 'x' } }] });

test(
  'the apps of every tenant are ready',
  async () => {
    const states = async () =>
      (await checkout.get<Kustomization>(place.cluster, 'kustomizations', '-A'))
        .filter(({ metadata }) => metadata.namespace !== 'flux-system')
        .map(({ metadata, status }) => {
          const ready = status?.conditions?.find(({ type }) => type === 'Ready');
          return { namespace: metadata.namespace, ready: ready?.status, message: ready?.message };
        });
    expect((await states()).map(({ namespace }) => namespace)).toContain(place.namespace);
    // Flux reconciles everything again after the lab's start.
    await until('the apps are ready', 600, async () => (await states()).every(({ ready }) => ready === 'True'));
    for (const { message } of await states()) expect(message).toMatch(/^Applied revision: /);
  },
  12 * minute,
);

test(
  'a tenant deploys in its namespace',
  async () => {
    const { code, stderr } = await create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: named('allowed') });
    expect([code, stderr]).toEqual([0, '']);
    await remove('configmap', 'allowed');
    const allowed = await create(route('allowed', {}));
    expect([allowed.code, allowed.stderr]).toEqual([0, '']);
    await remove('httproute', 'allowed');
  },
  minute,
);

test.each<[string, () => object, RegExp]>([
  [
    'a ClusterRole',
    () => ({ apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: 'tenant-test' }, rules: [] }),
    /cannot create resource "clusterroles" in API group "rbac\.authorization\.k8s\.io" at the cluster scope/,
  ],
  [
    'a namespace',
    () => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'tenant-test' } }),
    /cannot create resource "namespaces" in API group "" at the cluster scope/,
  ],
  [
    'an object in another namespace',
    () => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'tenant-test', namespace: 'flux-system' } }),
    /cannot create resource "configmaps" in API group "" in the namespace "flux-system"/,
  ],
  [
    'a role binding',
    () => ({
      ...{ apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: named('tenant-test') },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'ServiceAccount', name: 'flux', namespace: place.namespace }],
    }),
    /cannot create resource "rolebindings"/,
  ],
  [
    'a network policy',
    () => ({
      ...{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: named('tenant-test') },
      spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{}] },
    }),
    /cannot create resource "networkpolicies"/,
  ],
  [
    'a quota',
    () => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: named('tenant-test'), spec: { hard: { pods: '99' } } }),
    /cannot create resource "resourcequotas"/,
  ],
  [
    'a Flux Kustomization',
    () => ({
      ...{ apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', metadata: named('tenant-test') },
      spec: { interval: '1h', prune: true, path: './', sourceRef: { kind: 'GitRepository', name: 'flux-system' } },
    }),
    /cannot create resource "kustomizations"/,
  ],
  [
    'a pod with a path of its node',
    () => pod('tenant-test', { volumes: [{ name: 'node', hostPath: { path: '/etc' } }] }),
    /violates PodSecurity "restricted:[^"]+": .*restricted volume types \(volume "node" uses restricted volume type "hostPath"\)/,
  ],
  [
    'a privileged pod',
    () => pod('tenant-test', { containers: [{ ...container, securityContext: { privileged: true } }] }),
    /violates PodSecurity "restricted:[^"]+": .*privileged \(container "app"/,
  ],
  [
    'a pod that evicts others',
    () => pod('tenant-test', { priorityClassName: 'system-cluster-critical' }),
    /exceeded quota: no-system-priority, requested: pods=1, used: pods=0, limited: pods=0/,
  ],
  [
    'a load balancer',
    () => service('tenant-test', { type: 'LoadBalancer' }),
    /exceeded quota: tenant, requested: services\.loadbalancers=1.*limited: services\.loadbalancers=0/,
  ],
  [
    'a port of the nodes',
    () => service('tenant-test', { type: 'NodePort' }),
    /exceeded quota: tenant, requested: services\.nodeports=1/,
  ],
  [
    'an external address',
    () => service('tenant-test', { externalIPs: ['192.0.2.1'] }),
    /tenant-services.*externalIPs take traffic that is not for this namespace/s,
  ],
  [
    'a Service that leads elsewhere',
    () => service('tenant-test', { type: 'ExternalName', externalName: 'kubernetes.default.svc' }),
    /tenant-services.*an ExternalName leads out of this namespace/s,
  ],
  [
    'a Service of the mesh',
    () => service('tenant-test', {}, { annotations: { 'service.cilium.io/global': 'true' } }),
    /tenant-services.*the mesh and addresses of Services are the platform's/s,
  ],
  [
    'a secret of another team',
    () => secret('tenant-test', fromItem(`kubernetes/${place.cluster}/tenants/other`)),
    /tenant-secrets.*a tenant reads kubernetes\/\S+\/tenants\/\S+ and what is below it, not kubernetes\/\S+\/tenants\/other/s,
  ],
  [
    'a secret of the platform',
    () => secret('tenant-test', { dataFrom: [{ extract: { key: 'kubernetes/shared/cilium-ca' } }] }),
    /tenant-secrets.*not kubernetes\/shared\/cilium-ca/s,
  ],
  [
    'every secret',
    () => secret('tenant-test', { dataFrom: [{ find: { name: { regexp: '.*' } } }] }),
    /tenant-secrets.*a tenant searches no vault/s,
  ],
  [
    'a hostname of the platform',
    () => route('tenant-test', { hostnames: [`grafana.${place.domain}`] }),
    /tenant-routes.*a tenant serves \S+ or <app>-\S+, not grafana\./s,
  ],
  ['every hostname', () => route('tenant-test', { hostnames: undefined }), /tenant-routes.*list hostnames/s],
  [
    'a Gateway that is not for tenants',
    () => route('tenant-test', { parentRefs: [{ name: 'external', namespace: 'networking' }] }),
    /tenant-routes.*attach to Gateway internal of namespace networking only/s,
  ],
])(
  'a tenant is refused %s, with the reason',
  async (_what, object, reason) => {
    const { code, stderr } = await create(object());
    expect(stderr).toMatch(reason);
    expect(code).toBe(1);
  },
  minute,
);

test(
  'a tenant changes and deletes none of its limits',
  async () => {
    const account = `--as=system:serviceaccount:${place.namespace}:flux`;
    const may = async (verb: string, resource: string): Promise<string> => {
      const args = ['auth', 'can-i', verb, resource, '--namespace', place.namespace, account];
      return (await checkout.lab('kubectl', '--cluster', place.cluster, ...args)).stdout.trim();
    };
    expect(await may('patch', 'deployments.apps')).toBe('yes');
    const limits = [
      'resourcequotas',
      'limitranges',
      'networkpolicies.networking.k8s.io',
      'ciliumnetworkpolicies.cilium.io',
    ];
    const rights = [`rolebindings.${rbac}`, `roles.${rbac}`, 'kustomizations.kustomize.toolkit.fluxcd.io'];
    const sources = ['gitrepositories.source.toolkit.fluxcd.io'];
    const answers = await Promise.all(
      [...limits, ...rights, ...sources].flatMap((resource) =>
        ['patch', 'delete'].map(async (verb) => `${verb} ${resource}: ${await may(verb, resource)}`),
      ),
    );
    expect(answers.filter((answer) => !answer.endsWith(': no'))).toEqual([]);
  },
  3 * minute,
);

test(
  'Flux takes no source of another namespace, even if the platform says so',
  async () => {
    const object = {
      ...{ apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', metadata: named('tenant-test') },
      spec: {
        ...{ interval: '1h', prune: true, path: './kubernetes/workloads/tenants', serviceAccountName: 'flux' },
        sourceRef: { kind: 'GitRepository', name: 'flux-system', namespace: 'flux-system' },
      },
    };
    const { code, stderr } = await create(object, { as: 'admin' });
    expect([code, stderr]).toEqual([0, '']);
    // Behind everything that Flux reconciles again after the lab's start.
    await until('kustomize-controller refuses it', 600, async () => {
      const [found] = await checkout.get<Kustomization>(
        place.cluster,
        'kustomizations',
        '--namespace',
        place.namespace,
        '--field-selector=metadata.name=tenant-test',
      );
      const ready = found?.status?.conditions?.find(({ type }) => type === 'Ready');
      return ready?.status === 'False' && /cross-namespace references/.test(ready.message);
    });
    await remove('kustomization', 'tenant-test');
  },
  12 * minute,
);
