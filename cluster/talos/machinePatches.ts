import { stringify } from 'yaml';
import type { ClusterDefinition } from '../definition';
import type { Node } from '../stackSchema';
import { clusterPatch } from './clusterPatch';
import { controlPlanePatch } from './controlPlanePatch';
import { ethernetDocuments, hostnameDocuments, nodePatch } from './nodePatch';

/**
 * The patches of a machine's configuration as YAML, in the order in which Talos applies them: cluster, role, node, then
 * its hostname and one document per link. Workers need no role patch.
 */
export function machinePatches(definition: ClusterDefinition, node: Node, installerImage: string): string[] {
  const role = node.role === 'controlplane' ? [controlPlanePatch(definition)] : [];
  const patches = [
    clusterPatch(definition, installerImage),
    ...role,
    nodePatch(definition, node),
    ...hostnameDocuments(definition, node),
    ...ethernetDocuments(definition),
  ];
  return patches.map((patch) => stringify(patch, { aliasDuplicateObjects: false, lineWidth: 0 }));
}
