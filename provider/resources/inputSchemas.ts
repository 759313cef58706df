import * as z from 'zod';

// Schemas of inputs that several resources share.

export const nonEmpty = z.string().min(1, 'must not be empty');
/** A 1Password vault, and the token to access it. */
export const vaultLocation = {
  connectHost: z.url({ protocol: /^https?$/, message: 'must be an http(s) URL' }),
  connectToken: nonEmpty,
  vault: nonEmpty,
};
/** An exact version with a leading `v`. */
export const versionTag = z.string().regex(/^v\d+\.\d+\.\d+/, 'must be a version such as v1.2.3');
/** Accepted signers of a chart. */
export const signers = z.array(z.object({ issuer: nonEmpty, subject: nonEmpty })).optional();

/** A client identity of the Talos API. */
export const talosIdentity = z.object({ caCertificate: nonEmpty, clientCertificate: nonEmpty, clientKey: nonEmpty });
/** A machine: the name of its node, its address, and the address to dial. */
export const machineTarget = { name: nonEmpty, node: nonEmpty, endpoint: nonEmpty };

export const timeoutSeconds = z.number().positive('must be a positive number of seconds');
/** How a node is drained before its machine reboots. */
export const drainSettings = z.object({ enabled: z.boolean(), timeoutSeconds });
/** What must hold before the next machine is changed. */
export const healthChecks = z.array(
  z.object({
    apiVersion: nonEmpty,
    kind: nonEmpty,
    namespace: nonEmpty.optional(),
    name: nonEmpty,
    condition: nonEmpty.optional(),
    expression: nonEmpty.optional(),
  }),
);
/** A machine that is changed, and what its change has to wait for. */
export const machineChange = {
  cluster: nonEmpty,
  ...machineTarget,
  role: z.enum(['controlplane', 'worker']),
  clientConfiguration: talosIdentity,
  controlPlanes: z.array(z.object(machineTarget)).min(1),
  drain: drainSettings,
  gateTimeoutSeconds: timeoutSeconds,
  healthChecks,
};
/** None of them is a reason to change the machine. */
export const machineChangeKeys = [
  'cluster',
  'name',
  'node',
  'endpoint',
  'role',
  'clientConfiguration',
  'controlPlanes',
  'drain',
  'gateTimeoutSeconds',
  'healthChecks',
] as const satisfies (keyof typeof machineChange)[];
export const ociUrl = z.string().regex(/^oci:\/\/\S+$/, 'must be an oci:// URL');
/** Chart values are passed as JSON text, because they must pass through the engine unchanged, nulls included. */
export const jsonObject = z.string().refine(isJsonObject, 'must be the text of a JSON object');
export const isoTime = z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'must be an ISO 8601 time');

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
