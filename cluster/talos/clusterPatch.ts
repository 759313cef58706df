import { type ClusterDefinition, nodeDialAddress } from '../definition';
import { disk } from './disk';

/** The port of KubePrism, Talos's load balancer for the Kubernetes API on every node. Cilium's values also use it. */
export const kubePrismPort = 7445;

/** The Talos v1alpha1 patch for all machines of a cluster. */
export function clusterPatch(definition: ClusterDefinition, installerImage: string): object {
  const { cidrs, clusterDns, network, openebsBasePath } = definition;
  return {
    machine: {
      certSANs: certificateNames(definition),
      features: {
        kubePrism: { enabled: true, port: kubePrismPort },
        // Cilium's masquerading drops traffic from pods to the host's link-local DNS address.
        hostDNS: { enabled: true, forwardKubeDNSToHost: false },
      },
      files: [spegelContainerdConfig],
      install: { image: installerImage, ...disk(definition.image) },
      kubelet: {
        clusterDNS: [clusterDns],
        nodeIP: { validSubnets: [cidrs.node] },
        extraMounts: [
          {
            source: openebsBasePath,
            destination: openebsBasePath,
            type: 'bind',
            options: ['bind', 'rshared', 'rw'],
          },
        ],
      },
      network: { nameservers: network.nameservers },
      time: { servers: network.timeservers },
    },
    cluster: {
      network: {
        cni: { name: 'none' },
        podSubnets: [cidrs.pod],
        serviceSubnets: [cidrs.service],
      },
    },
  };
}

/** All names and addresses at which the Talos and Kubernetes APIs may be dialled: DNS name, nodes and overrides. */
export function certificateNames(definition: ClusterDefinition): string[] {
  const addresses = definition.nodes.flatMap((node) => [node.address, nodeDialAddress(definition, node)]);
  return [...new Set([definition.apiHost, ...addresses])];
}

// Spegel serves image layers to other nodes, so containerd must keep them after unpacking.
const spegelContainerdConfig = {
  path: '/etc/cri/conf.d/20-customization.part',
  op: 'create',
  content: '[plugins."io.containerd.cri.v1.images"]\n  discard_unpacked_layers = false\n',
};
