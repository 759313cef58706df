import type { ApplyMode, CloudflareConfig, Detours, Image, Network, Node, Rotations, Timeouts } from './stackSchema';

/** One cluster, checked and complete: what the stack's configuration and the cluster's settings say together. */
export interface ClusterDefinition {
  /** The cluster's name; also the stack's. */
  name: string;
  /** Cilium's id of the cluster, 1 to 255. */
  id: number;
  /** In the order of the stack's file; the first control plane bootstraps etcd. */
  nodes: readonly Node[];
  network: Network;
  image: Image;
  /** How a changed machine configuration is applied. */
  applyMode: ApplyMode;
  timeouts: Timeouts;
  /** Canonical IPv4 CIDRs. */
  cidrs: { node: string; pod: string; service: string; nativeRouting: string };
  /** DNS name of the Kubernetes API, on every control plane, port `kubernetesApiPort`. */
  apiHost: string;
  /** Both with a leading `v`. */
  versions: { talos: string; kubernetes: string };
  /** 1Password Connect: its URL, the vault, and the name of the Secret that external-secrets reads the token from. */
  connect: { host: string; vault: string; tokenSecret: string };
  /** The public domain, which is a zone of the Cloudflare account. */
  domain: string;
  cloudflare: CloudflareConfig;
  /** Title of the vault item with the key by which BIND knows this cluster. */
  tsigItem: string;
  rotations: Rotations;
  detours: Detours;
  /** The host folder of OpenEBS' local volumes. */
  openebsBasePath: string;
  git: { url: string; branch: string };
}

/** Talos serves the Kubernetes API here on every control plane. */
export const kubernetesApiPort = 6443;

/** The nodes that run etcd and the Kubernetes API, first the one that bootstraps. */
export function controlPlanes(definition: Pick<ClusterDefinition, 'nodes'>): readonly Node[] {
  return definition.nodes.filter((node) => node.role === 'controlplane');
}

/** The nodes that only run workloads. */
export function workers(definition: Pick<ClusterDefinition, 'nodes'>): readonly Node[] {
  return definition.nodes.filter((node) => node.role === 'worker');
}

/** Where a node is dialled: its own address, unless the stack overrides it. */
export function dialAddress(node: Node): string {
  return node.endpoint ?? node.address;
}

/** The control plane that bootstraps etcd and that the program speaks to. */
export function firstControlPlane(definition: Pick<ClusterDefinition, 'nodes'>): Node {
  const first = controlPlanes(definition)[0];
  if (first === undefined) throw new Error('a cluster definition without control plane passed its checks');
  return first;
}
