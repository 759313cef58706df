import { hostPrograms } from '../agent/hostPrograms';
import type { LabCluster } from '../context';

/** A pod of a program that runs on the host: its port on the host. */
export interface HostTarget {
  namespace: string;
  /** A regular expression for the names of its pods. */
  pod: string;
  port: number;
  /** `host:port` on loopback. */
  address: string;
}

/** An address of a machine, and where the lab has it. */
export interface NodeTarget {
  from: string;
  to: string;
}

/** The pods of the programs that the lab's agent runs on the host, with each port that they serve there. */
export function hostTargets(port: (name: string) => number): HostTarget[] {
  return hostPrograms.flatMap(({ namespace, deployment, ports = {} }) =>
    Object.entries(ports).map(([containerPort, name]) => ({
      namespace,
      // Of a ReplicaSet of the Deployment.
      pod: `${deployment}-[a-z0-9]+-[a-z0-9]+`,
      port: Number(containerPort),
      address: `127.0.0.1:${port(name)}`,
    })),
  );
}

const etcd = 2381;
/** API server, controller manager, scheduler. */
const components = [6443, 10257, 10259];

/** The control planes' programs: etcd on each of them, the others on the first, or everywhere in a lab with --ha. */
export function nodeTargets({ nodes }: LabCluster, ha: boolean): NodeTarget[] {
  const controlPlanes = nodes.filter(({ role }) => role === 'controlplane');
  return controlPlanes.flatMap(({ address, endpoint }, at) =>
    [etcd, ...(ha || at === 0 ? components : [])].map((port) => ({
      from: `${address}:${port}`,
      to: `${endpoint}:${port}`,
    })),
  );
}
