/** Something of a machine that is not as the definition or the state says. Never contains a secret. */
export interface MachineFinding {
  /** The kind of drift, stable between versions: `machine-configuration`, `etcd-alarm`, … */
  id: string;
  /** `machine <name>`, `Node <name>`, `etcd member <name>`, … */
  object: string;
  field?: string;
  wanted?: string;
  found?: string;
  why?: string;
  /** What to do, as an imperative clause. */
  todo: string;
  /** Other objects that are not as they should be because of this. */
  explains?: readonly string[];
  /** Whether `pulumi up` ends it, with a drain and a gate where that is needed. */
  upMends?: boolean;
}

/** A machine as findings name it. */
export function machineObject(name: string): string {
  return `machine ${name}`;
}
