import * as path from 'node:path';
import * as z from 'zod';
import { readJson } from '../files';

/** How a simulated machine deviates from its cluster's settings. */
export interface MachineFault {
  /** The Talos version it was booted from, such as `v1.10.7`. */
  talosVersion?: string;
}

const schema = z.record(z.string(), z.strictObject({ talosVersion: z.string().optional() }));

/**
 * Machines that deviate from their cluster's settings, by node name. Read from `.lab/machines.json`, which only people and
 * tests write, to see how `preflight` reacts. The next `up` restarts those machines.
 */
export function machineFaults(labDir: string): Record<string, MachineFault> {
  const file = path.join(labDir, 'machines.json');
  const faults = schema.safeParse(readJson(file) ?? {});
  if (faults.success) return faults.data;
  throw new Error(`${file}: expected { "<node>": { "talosVersion": "v1.2.3" } }; correct or delete it`);
}
