/** A node in the order of a roll, and the nodes that must be finished before it begins. */
export interface RollStep<Node> {
  node: Node;
  after: Node[];
}

/**
 * The order in which nodes are changed: control planes one after the other, then the workers, of which `workersAtOnce` may be
 * in work together. Nodes that leave the cluster are not changed any more.
 */
export function rollOrder<Node extends { role: 'controlplane' | 'worker'; leaving: boolean }>(
  nodes: readonly Node[],
  workersAtOnce: number,
): RollStep<Node>[] {
  const staying = nodes.filter(({ leaving }) => !leaving);
  const controlPlanes = staying.filter(({ role }) => role === 'controlplane');
  const workers = staying.filter(({ role }) => role === 'worker');
  const at = (list: readonly Node[], index: number): Node[] => list.filter((_, position) => position === index);
  return [
    ...controlPlanes.map((node, index) => ({ node, after: at(controlPlanes, index - 1) })),
    ...workers.map((node, index) => ({
      node,
      // The last control plane comes after all others.
      after: [...controlPlanes.slice(-1), ...at(workers, index - workersAtOnce)],
    })),
  ];
}
