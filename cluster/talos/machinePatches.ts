import { stringify } from 'yaml';
import type { ClusterDefinition } from '../definition';
import type { Node } from '../stackSchema';
import { withStackSecrets } from '../machine/stackSecrets';
import { clusterPatch } from './clusterPatch';
import { controlPlanePatch } from './controlPlanePatch';
import { ethernetDocuments, volumeDocuments } from './documents';
import { kernelLogDocument } from './logging';
import { hostnameDocuments, nodePatch } from './nodePatch';

/**
 * The patches of a machine's configuration as YAML, in the order in which Talos applies them: cluster, role, node, its other
 * documents, and last the patches of the stack. Workers need no role patch.
 * @param contract the format of the machine's configuration, such as `v1.11`
 * @param secrets what the node refers to with `secretFrom`, by key
 */
export function machinePatches(
  definition: ClusterDefinition,
  node: Node,
  installerImage: string,
  contract: string,
  secrets: Readonly<Record<string, string>> = {},
): string[] {
  const role = node.role === 'controlplane' ? [controlPlanePatch(definition)] : [];
  const patches = [
    clusterPatch(definition),
    ...role,
    nodePatch(definition, node, installerImage, contract),
    ...hostnameDocuments(node, contract),
    ...ethernetDocuments(node),
    ...volumeDocuments(node),
    ...(definition.sendsLogs ? [kernelLogDocument()] : []),
    ...node.patches,
  ];
  return patches.map((patch) =>
    stringify(withStackSecrets(patch, secrets), { aliasDuplicateObjects: false, lineWidth: 0 }),
  );
}
