import * as path from 'node:path';
import { z } from 'zod';
import { readJson } from '../files';

/** What one simulated machine has that its cluster's settings do not say. */
export interface MachineFault {
  /** The Talos that it was started from, such as `v1.10.7`. */
  talosVersion?: string;
}

const schema = z.record(z.string(), z.strictObject({ talosVersion: z.string().optional() }));

/**
 * Machines that differ from what their cluster wants, by node name: `.lab/machines.json`, which only a person or a test
 * writes, to see what `preflight` says. The next `up` starts those machines anew.
 */
export function machineFaults(labDir: string): Record<string, MachineFault> {
  const file = path.join(labDir, 'machines.json');
  const faults = schema.safeParse(readJson(file) ?? {});
  if (faults.success) return faults.data;
  throw new Error(`${file}: wanted is { "<node>": { "talosVersion": "v1.2.3" } }; correct it, or remove it`);
}
