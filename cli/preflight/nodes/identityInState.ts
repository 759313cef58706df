import type { TalosClientConfiguration } from '../../../clients/talos/identity';

/** What `pulumi stack export --show-secrets` prints, as far as it is looked at. */
export interface ExportedState {
  deployment?: { resources?: { type: string; outputs?: Record<string, unknown> }[] | null } | null;
}

/**
 * The identity by which the stack speaks to its machines; nothing before it has made one. From the state, since outputs
 * (talosconfig) are there only after an `up` that has ended well.
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

/** A value that the export shows in plain text, as JSON inside an object with the engine's mark; or one that is plain. */
function decrypted(value: unknown): unknown {
  const { plaintext } = (value ?? {}) as { plaintext?: unknown };
  return typeof plaintext === 'string' ? (JSON.parse(plaintext) as unknown) : value;
}
