import type { TalosClientConfiguration } from '../../../clients/talos/identity';

/** The used part of the output of `pulumi stack export --show-secrets`. */
export interface ExportedState {
  deployment?: { resources?: { type: string; id?: string; outputs?: Record<string, unknown> }[] | null } | null;
}

/** Whether the stack has registered a schematic with the image factory, which otherwise serves no image of it. */
export function hasSchematic(state: ExportedState, id: string): boolean {
  const resources = state.deployment?.resources ?? [];
  return resources.some((resource) => resource.type === 'talos:imageFactory/schematic:Schematic' && resource.id === id);
}

/**
 * The Talos client configuration of the stack; undefined until it has generated one. Read from the state, because stack
 * outputs (talosconfig) exist only after a successful `up`.
 */
export function identityInState(state: ExportedState): TalosClientConfiguration | undefined {
  const secrets = state.deployment?.resources?.find(({ type }) => type === 'talos:machine/secrets:Secrets');
  const found = decrypted(secrets?.outputs?.clientConfiguration) as Partial<TalosClientConfiguration> | undefined;
  const [caCertificate, clientCertificate, clientKey] = [
    decrypted(found?.caCertificate),
    decrypted(found?.clientCertificate),
    decrypted(found?.clientKey),
  ];
  const texts = [caCertificate, clientCertificate, clientKey];
  if (!texts.every((text) => typeof text === 'string' && text !== '')) return undefined;
  return { caCertificate, clientCertificate, clientKey } as TalosClientConfiguration;
}

/** The value of a secret, which the export prints as JSON inside the engine's secret object; other values as they are. */
function decrypted(value: unknown): unknown {
  const { plaintext } = (value ?? {}) as { plaintext?: unknown };
  return typeof plaintext === 'string' ? (JSON.parse(plaintext) as unknown) : value;
}
