import { isAtLeast } from '../../gitops/version';
import type { ClusterDefinition } from '../definition';
import { hasKeys } from '../schemaTypes';
import type { Node } from '../stackSchema';
import { interfaces } from './interfaces';

/**
 * The Talos patch for one machine: what only its description says.
 * @param contract the format of the machine's configuration, such as `v1.11`
 */
export function nodePatch(
  definition: Pick<ClusterDefinition, 'cidrs'>,
  node: Node,
  installerImage: string,
  contract: string,
): object {
  const { network, nodeLabels, nodeAnnotations, nodeTaints, kernelModules, sysctls, certSANs } = node;
  const links = interfaces(definition, node);
  return {
    machine: {
      ...(certSANs.length > 0 && { certSANs }),
      install: { image: installerImage, ...installDisk(node) },
      ...(kernelModules.length > 0 && { kernel: { modules: kernelModules } }),
      network: {
        ...(!isAtLeast(contract, '1.12') && { hostname: node.name }),
        ...(links.length > 0 && { interfaces: links }),
        ...(network.nameservers !== undefined && { nameservers: network.nameservers }),
        ...(network.searchDomains !== undefined && { searchDomains: network.searchDomains }),
      },
      ...(network.timeservers !== undefined && { time: { servers: network.timeservers } }),
      ...(hasKeys(nodeAnnotations) && { nodeAnnotations }),
      ...(hasKeys(nodeLabels) && { nodeLabels }),
      ...(hasKeys(nodeTaints) && { nodeTaints }),
      ...(hasKeys(sysctls) && { sysctls }),
    },
  };
}

/** The install disk for `machine.install`: a path or a selector. */
function installDisk({ installDisk: disk, installDiskSelector }: Node): object {
  return installDiskSelector === undefined ? { disk } : { diskSelector: installDiskSelector };
}

/**
 * The hostname as a document of its own, from contract 1.12 on. The configuration that Talos generates then has one that
 * derives a name, which must be turned off, and refuses `machine.network.hostname` in addition.
 */
export function hostnameDocuments(node: Pick<Node, 'name'>, contract: string): object[] {
  if (!isAtLeast(contract, '1.12')) return [];
  return [{ apiVersion: 'v1alpha1', kind: 'HostnameConfig', auto: 'off', hostname: node.name }];
}
