import type { TalosTarget } from '../../clients/talos/dial';

/** A machine: the name of its node, its address and the address to dial. */
export interface MachineTarget extends TalosTarget {
  name: string;
}

/** The machine in a message: `node-1 (10.0.0.11)`, with the address that is dialled instead, if there is one. */
export function describeTarget({ name, node, endpoint }: MachineTarget): string {
  return `${name} (${node}${endpoint === node ? '' : `, dialled at ${endpoint}`})`;
}
