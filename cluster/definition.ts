import { contains, networksOf, prefixLength } from '../net/addresses';
import type { SharedAuthority } from './bootstrapOrder';
import { dialHost, type DialOverrides } from './dialOverrides';
import type { GeneratedField } from './generatedFields';
import type { ImageFactory, Schematic } from './machine/schematicSchema';
import type { Rollout } from './rolloutSchema';
import type { OnePasswordField } from './secretCategories';
import type { ApplyMode, CloudflareConfig, GitCredentialsConfig, Node, Rotations, Timeouts } from './stackSchema';

/** A complete, validated cluster: the stack's configuration combined with the cluster's settings. */
export interface ClusterDefinition {
  /** The name of the cluster and of its stack. */
  name: string;
  /** Cilium's cluster id, 1 to 255. */
  id: number;
  /**
   * In the order of the stack file, each with what all levels of it say; etcd is bootstrapped on the first control plane.
   */
  nodes: readonly Node[];
  /** By name; `default` always exists. */
  schematics: Readonly<Record<string, Schematic>>;
  imageFactory: ImageFactory;
  allowSchedulingOnControlPlanes: boolean;
  /** The format of machine configurations, such as `v1.11`; by default that of the version with which the cluster was made. */
  talosConfigVersion?: string;
  /** Set if a load balancer that is not ours serves `apiHost`. */
  apiEndpoint?: 'loadBalancer';
  rollout: Rollout;
  /** How Talos applies a changed machine configuration. */
  applyMode: ApplyMode;
  timeouts: Timeouts;
  /**
   * Canonical CIDRs: the nodes' subnets, and the ranges of pods and Services, one of each family at most, in the same order of
   * families.
   */
  cidrs: { node: readonly string[]; pod: readonly string[]; service: readonly string[]; nativeRouting: string };
  /** DNS name or address of the Kubernetes API; `apiEndpointOf` says what serves it. */
  apiHost: string;
  /** The port of the Kubernetes API at `apiHost`; only a load balancer has another than `kubernetesApiPort`. */
  apiPort: number;
  /** The address of CoreDNS's Service, which kubelets tell pods. */
  clusterDns: string;
  /** Both with a leading `v`. */
  versions: { talos: string; kubernetes: string };
  /** 1Password Connect: its URL, the vault, and the Secret from which external-secrets reads the token. */
  connect: { host: string; vault: string; tokenSecret: string };
  /** What names in the Cloudflare account start with. */
  platform: string;
  /** The public domain, a zone of the Cloudflare account; absent if nothing uses it. */
  domain?: string;
  /** Absent if the cluster has no tunnel and no zone. */
  cloudflare?: CloudflareConfig | undefined;
  /** Title of the 1Password item with the TSIG key that BIND identifies this cluster by; absent if nothing uses it. */
  tsigItem?: string;
  /** The secrets that the program generates because something that the cluster lists reads them. */
  generated: readonly GeneratedField[];
  /** The shared CAs that something that the cluster lists reads. */
  authorities: readonly SharedAuthority[];
  /**
   * The passwords of the other clusters' writers, on the cluster that stores. It does not wait for the `up` of their stacks:
   * whichever comes first makes them.
   */
  writersOfOthers: readonly OnePasswordField[];
  rotations: Rotations;
  /** A date for which an empty etcd may be bootstrapped, if the cluster has lost its own. */
  bootstrapEtcdAgain?: string;
  dialOverrides: DialOverrides;
  /** The host folder for OpenEBS local volumes; absent in a cluster without OpenEBS. */
  openebsBasePath?: string;
  /** The identity provider whose tokens the API server takes; absent in a cluster without `people-rbac` or an issuer. */
  signIn?: { issuerUrl: string; prefix: string };
  /** vmagent scrapes etcd, the controller manager and the scheduler. */
  scrapesControlPlane?: true;
  /** Fluent Bit runs on the machines and takes Talos' own logs. */
  sendsLogs?: true;
  git: { url: string; branch: string };
  /** The 1Password item with the credentials of a private repository. */
  gitCredentials?: GitCredentialsConfig;
}

/** A cluster with a tunnel; the checks require a domain for it. */
export type ClusterWithCloudflare = ClusterDefinition & { cloudflare: CloudflareConfig; domain: string };

/** Whether a cluster has a tunnel. */
export function hasCloudflare(definition: ClusterDefinition): definition is ClusterWithCloudflare {
  return definition.cloudflare !== undefined && definition.domain !== undefined;
}

/** The port of the Kubernetes API on every control plane. */
export const kubernetesApiPort = 6443;

/** The nodes that run etcd and the Kubernetes API; etcd is bootstrapped on the first. */
export function controlPlanes(definition: Pick<ClusterDefinition, 'nodes'>): readonly Node[] {
  return definition.nodes.filter((node) => node.role === 'controlplane');
}

/** A node as messages name and clients dial it. */
export function machineTargetOf(
  definition: Pick<ClusterDefinition, 'dialOverrides'>,
  node: Node,
): { name: string; node: string; endpoint: string } {
  return { name: node.name, node: node.address, endpoint: nodeDialAddress(definition, node) };
}

/** The nodes that only run workloads. */
export function workers(definition: Pick<ClusterDefinition, 'nodes'>): readonly Node[] {
  return definition.nodes.filter((node) => node.role === 'worker');
}

/** The address to dial for a node: its own, or the stack's override of it. */
export function nodeDialAddress({ dialOverrides }: Pick<ClusterDefinition, 'dialOverrides'>, node: Node): string {
  return dialHost(node.address, dialOverrides);
}

/** An address of a node with the prefix length of its subnet, as links are configured: `10.25.11.11/24`. */
export function withPrefix(address: string, { cidrs }: Pick<ClusterDefinition, 'cidrs'>): string {
  const [subnet] = cidrs.node.filter((cidr) => networksOf(cidr).some((range) => contains(range, address)));
  if (subnet === undefined) throw new Error(`an address outside the node subnets passed the checks: ${address}`);
  return `${address}/${prefixLength(subnet)}`;
}

/** The control planes that do not leave the cluster. */
export function stayingControlPlanes(definition: Pick<ClusterDefinition, 'nodes'>): readonly Node[] {
  return controlPlanes(definition).filter(({ leaving }) => !leaving);
}

/**
 * The control plane on which etcd is bootstrapped and which the program connects to. It must answer: one that is dead is put
 * back, replaced or marked as leaving, and machines are changed before anything connects to it.
 */
export function firstControlPlane(definition: Pick<ClusterDefinition, 'nodes'>): Node {
  const first = stayingControlPlanes(definition)[0] ?? controlPlanes(definition)[0];
  if (first === undefined) throw new Error('a cluster definition without a control plane passed its checks');
  return first;
}
