import { type MachineFinding, machineObject } from './finding';

/** A Node as Kubernetes has it. */
export interface FoundNode {
  name: string;
  unschedulable: boolean;
  /** Why our roll cordoned it; absent if it did not. */
  cordonedBy?: string | undefined;
  /** Why it is not ready; absent if it is. */
  notReady?: string | undefined;
}

/** A node of the definition, and whether its machine has a configuration of this cluster. */
export interface WantedNode {
  name: string;
  leaving: boolean;
  /** `unknown` if the machine does not answer. */
  machine: 'member' | 'none' | 'unknown';
}

/**
 * Nodes of Kubernetes that no machine of the definition is, that are missing, not ready or cordoned. Of a machine that does not
 * answer, only what can be told without it.
 *
 * @param explains objects that are as they are because a node is cordoned by our roll
 */
export function nodeDrift(
  wanted: readonly WantedNode[],
  found: readonly FoundNode[],
  explains: readonly string[],
): MachineFinding[] {
  return [
    ...wanted.flatMap((node) =>
      nodeFindings(
        node,
        found.find(({ name }) => name === node.name),
        explains,
      ),
    ),
    ...found.flatMap(({ name }): MachineFinding[] =>
      wanted.some((node) => node.name === name)
        ? []
        : [
            {
              ...{ id: 'node-unknown', object: `Node ${name}` },
              why: 'no node of the stack has this name',
              todo: `find out what it is; if its machine is gone: kubectl delete node ${name}`,
            },
          ],
    ),
  ];
}

function nodeFindings(
  { name, leaving, machine }: WantedNode,
  node: FoundNode | undefined,
  explains: readonly string[],
): MachineFinding[] {
  const object = machineObject(name);
  const own = [`Node ${name}`];
  if (leaving) {
    if (node === undefined) return [];
    const todo = 'run pulumi up, which takes it out of the cluster';
    return [
      {
        id: 'node-stays',
        object,
        field: 'Node',
        found: 'a Node',
        why: 'it is marked with leaving: true',
        todo,
        explains: own,
      },
    ];
  }
  if (node === undefined) {
    if (machine !== 'member') return [];
    const todo = `see why its kubelet does not register it: talosctl logs kubelet (node ${name})`;
    return [
      {
        id: 'node-missing',
        object,
        field: 'Node',
        wanted: 'a Node',
        why: 'its machine runs, but Kubernetes has no Node',
        todo,
      },
    ];
  }
  const findings: MachineFinding[] = [];
  if (node.notReady !== undefined && machine === 'member') {
    const todo = `see what its kubelet says: talosctl logs kubelet (node ${name})`;
    findings.push({
      id: 'node-not-ready',
      object,
      field: 'Node',
      wanted: 'Ready',
      found: node.notReady,
      todo,
      explains: own,
    });
  }
  if (node.cordonedBy !== undefined) {
    const why = `a run of pulumi up cordoned it (${node.cordonedBy}) and has not uncordoned it`;
    const todo = 'if no pulumi up is running, run it: it goes on where the last one stopped';
    const all = [...own, ...explains];
    findings.push({ id: 'node-cordoned', object, field: 'cordoned', why, todo, explains: all, upMends: true });
  } else if (node.unschedulable) {
    const why = 'someone cordoned it: it takes no new pods';
    findings.push({
      id: 'node-cordoned',
      object,
      field: 'cordoned',
      why,
      todo: `kubectl uncordon ${name}, once its reason is gone`,
      explains: own,
    });
  }
  return findings;
}
