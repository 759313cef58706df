import { dialHost, type DialOverrides } from './dialOverrides';
import type { ApplyMode, CloudflareConfig, Image, Network, Node, Rotations, Timeouts } from './stackSchema';

/** A complete, validated cluster: the stack's configuration combined with the cluster's settings. */
export interface ClusterDefinition {
  /** The name of the cluster and of its stack. */
  name: string;
  /** Cilium's cluster id, 1 to 255. */
  id: number;
  /** In the order of the stack file; etcd is bootstrapped on the first control plane. */
  nodes: readonly Node[];
  network: Network;
  image: Image;
  /** How Talos applies a changed machine configuration. */
  applyMode: ApplyMode;
  timeouts: Timeouts;
  /** Canonical IPv4 CIDRs. */
  cidrs: { node: string; pod: string; service: string; nativeRouting: string };
  /** DNS name of the Kubernetes API: all control planes, port `kubernetesApiPort`. */
  apiHost: string;
  /** The address of CoreDNS's Service, which kubelets tell pods. */
  clusterDns: string;
  /** Both with a leading `v`. */
  versions: { talos: string; kubernetes: string };
  /** 1Password Connect: its URL, the vault, and the Secret from which external-secrets reads the token. */
  connect: { host: string; vault: string; tokenSecret: string };
  /** The public domain, a zone of the Cloudflare account. */
  domain: string;
  cloudflare: CloudflareConfig;
  /** Title of the 1Password item with the TSIG key that BIND identifies this cluster by. */
  tsigItem: string;
  rotations: Rotations;
  dialOverrides: DialOverrides;
  /** The host folder for OpenEBS local volumes. */
  openebsBasePath: string;
  git: { url: string; branch: string };
}

/** The port of the Kubernetes API on every control plane. */
export const kubernetesApiPort = 6443;

/** The nodes that run etcd and the Kubernetes API; etcd is bootstrapped on the first. */
export function controlPlanes(definition: Pick<ClusterDefinition, 'nodes'>): readonly Node[] {
  return definition.nodes.filter((node) => node.role === 'controlplane');
}

/** The nodes that only run workloads. */
export function workers(definition: Pick<ClusterDefinition, 'nodes'>): readonly Node[] {
  return definition.nodes.filter((node) => node.role === 'worker');
}

/** The address to dial for a node: its own, or the stack's override of it. */
export function nodeDialAddress({ dialOverrides }: Pick<ClusterDefinition, 'dialOverrides'>, node: Node): string {
  return dialHost(node.address, dialOverrides);
}

/** The control plane on which etcd is bootstrapped and which the program connects to. */
export function firstControlPlane(definition: Pick<ClusterDefinition, 'nodes'>): Node {
  const first = controlPlanes(definition)[0];
  if (first === undefined) throw new Error('a cluster definition without a control plane passed its checks');
  return first;
}
