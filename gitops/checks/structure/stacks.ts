import type { Check, RawFinding } from '../check';

/** A cluster's folder that nothing raises. */
export const clusterWithoutStack: Check = {
  id: 'cluster-without-stack',
  severity: 'error',
  set: 'platform',
  why: 'Without a stack nobody makes the machines that this folder is for.',
  *run(tree): Generator<RawFinding> {
    for (const { name, entry } of tree.clusters) {
      if (tree.stacks.includes(name)) continue;
      const inside = tree.files.filter((file) => file.startsWith(`${entry}/`));
      const file = inside.find((one) => one === `${entry}/kustomization.yaml`) ?? inside[0] ?? entry;
      yield {
        at: { file, line: 1 },
        object: `Cluster ${name}`,
        what: `${entry} has no stack`,
        todo: `add Pulumi.${name}.yaml and its file in stacks/, or remove the folder`,
        clusters: [name],
      };
    }
  },
};

/** A stack that has nothing for Flux to apply. */
export const stackWithoutCluster: Check = {
  id: 'stack-without-cluster',
  severity: 'error',
  set: 'platform',
  why: 'The program reads a cluster from its folder, and Flux starts there.',
  *run(tree): Generator<RawFinding> {
    for (const stack of tree.stacks) {
      if (tree.clusters.some(({ name }) => name === stack)) continue;
      yield {
        at: { file: `Pulumi.${stack}.yaml`, line: 1 },
        object: `Stack ${stack}`,
        what: `stack ${stack} has no folder in kubernetes/clusters`,
        todo: `add kubernetes/clusters/${stack}, or remove the stack`,
      };
    }
  },
};
