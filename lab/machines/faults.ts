import * as path from 'node:path';
import * as z from 'zod';
import { readJson } from '../files';

const schema = z.record(
  z.string(),
  z.strictObject({
    /** The Talos version of its boot medium, such as `v1.10.7`; the next `up` restarts the machine with it. */
    talosVersion: z.string().optional(),
    /** How every upgrade ends: in the old system, or without a boot for as long as the file says so. */
    upgrade: z.enum(['falls-back', 'does-not-return']).optional(),
    /** `off`: without power for as long as the file says so. */
    power: z.literal('off').optional(),
    /** How long a boot takes. */
    bootSeconds: z.number().int().nonnegative().optional(),
    /** Parts of the names of images that cannot be pulled. */
    unpullable: z.array(z.string()).optional(),
  }),
);

/** How a simulated machine deviates from a healthy one of its cluster. */
export type MachineFault = z.infer<typeof schema>[string];

/** The fault file of a lab: only people and tests write it. Machines read it whenever it matters to them. */
export function faultFile(labDir: string): string {
  return path.join(labDir, 'machines.json');
}

/** Machines that deviate from healthy ones, by node name. */
export function machineFaults(labDir: string): Record<string, MachineFault> {
  const file = faultFile(labDir);
  const faults = schema.safeParse(readJson(file) ?? {});
  if (faults.success) return faults.data;
  throw new Error(
    `${file}: expected { "<node>": { "talosVersion": "v1.2.3" } }, or other faults of lab/machines/faults.ts; correct or delete it`,
  );
}
