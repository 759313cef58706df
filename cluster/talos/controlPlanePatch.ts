import { familyOf, networkOf } from '../../net/addresses';
import { type ClusterDefinition, controlPlanes } from '../definition';
import { certificateNames } from './clusterPatch';

/** The additional Talos patch for control planes: Kubernetes components, and whether they take workloads. */
export function controlPlanePatch(definition: ClusterDefinition): object {
  const { allowSchedulingOnControlPlanes } = definition;
  return {
    // Talos labels control planes to exclude them from load balancing.
    ...(allowSchedulingOnControlPlanes && {
      machine: { nodeLabels: { [excludeFromLoadBalancers]: { $patch: 'delete' } } },
    }),
    cluster: {
      allowSchedulingOnControlPlanes,
      // Talos adds the name of the cluster endpoint.
      apiServer: {
        certSANs: certificateNames(definition).filter((name) => name !== definition.apiHost),
        ...signInArgs(definition),
      },
      coreDNS: { disabled: true },
      ...metricsOf(definition),
      proxy: { disabled: true },
    },
  };
}

/** The client of the identity provider that people's kubectl signs in with. */
const signInClient = 'kubernetes';

/**
 * Takes the tokens of the identity provider. The prefix keeps its users and groups from passing for those of Kubernetes. The API
 * server starts without the provider, and takes no tokens until it answers.
 */
function signInArgs({ signIn }: ClusterDefinition): object {
  if (signIn === undefined) return {};
  return {
    extraArgs: {
      'oidc-issuer-url': signIn.issuerUrl,
      'oidc-client-id': signInClient,
      'oidc-username-claim': 'preferred_username',
      'oidc-username-prefix': signIn.prefix,
      'oidc-groups-claim': 'groups',
      'oidc-groups-prefix': signIn.prefix,
    },
  };
}

/** The port of etcd's metrics, which it serves without TLS and to whoever asks. Its other ports want a client certificate. */
export const etcdMetricsPort = 2381;

/** etcd, and where it and the others listen for vmagent: Talos binds the controller manager and the scheduler to loopback. */
function metricsOf(definition: ClusterDefinition): object {
  const etcd = { advertisedSubnets: etcdSubnets(definition) };
  if (definition.scrapesControlPlane !== true) return { etcd };
  const every = definition.cidrs.node.some((cidr) => networkOf(cidr)?.family === 'IPv4') ? '0.0.0.0' : '::';
  const host = every === '::' ? '[::]' : every;
  return {
    etcd: { ...etcd, extraArgs: { 'listen-metrics-urls': `http://${host}:${etcdMetricsPort}` } },
    controllerManager: { extraArgs: { 'bind-address': every } },
    scheduler: { extraArgs: { 'bind-address': every } },
  };
}

/**
 * The subnets at whose addresses etcd's members reach each other: all of the family of the control planes' addresses, because
 * a control plane may have none of the other.
 */
function etcdSubnets({ cidrs, nodes }: ClusterDefinition): string[] {
  const families = new Set(controlPlanes({ nodes }).map(({ address }) => familyOf(address)));
  return cidrs.node.filter((cidr) => families.has(networkOf(cidr)?.family));
}

/** The label that excludes a node from load balancing. */
export const excludeFromLoadBalancers = 'node.kubernetes.io/exclude-from-external-load-balancers';
