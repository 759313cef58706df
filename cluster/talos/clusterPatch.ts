import { type ClusterDefinition, dialAddress } from '../definition';
import { disk } from './disk';

/** Where Talos' KubePrism balances the Kubernetes API on every node; Cilium's settings name the same port. */
export const kubePrismPort = 7445;

/** What every machine of a cluster has in common, as a Talos v1alpha1 patch. */
export function clusterPatch(definition: ClusterDefinition, installerImage: string): object {
  const { cidrs, network, openebsBasePath } = definition;
  return {
    machine: {
      certSANs: certificateNames(definition),
      features: {
        kubePrism: { enabled: true, port: kubePrismPort },
        // Cilium's masquerading drops what pods send to the host's link-local DNS address.
        hostDNS: { enabled: true, forwardKubeDNSToHost: false },
      },
      files: [spegelContainerdPart],
      install: { image: installerImage, ...disk(definition.image) },
      kubelet: {
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

/**
 * Every name and address that the machine API and the Kubernetes API may be dialled by: the DNS name, every node's
 * address and every override.
 */
export function certificateNames(definition: ClusterDefinition): string[] {
  const addresses = definition.nodes.flatMap((node) => [node.address, dialAddress(node)]);
  return [...new Set([definition.apiHost, ...addresses])];
}

// Spegel serves image layers to other nodes, so containerd must keep them after unpacking.
const spegelContainerdPart = {
  path: '/etc/cri/conf.d/20-customization.part',
  op: 'create',
  content: '[plugins."io.containerd.cri.v1.images"]\n  discard_unpacked_layers = false\n',
};
