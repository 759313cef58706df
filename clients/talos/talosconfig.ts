import { parse } from 'yaml';
import type { TalosClientConfiguration } from './identity';

/** The client identity in the current context of a talosconfig; undefined if there is none. */
export function identityOf(talosconfig: string): TalosClientConfiguration | undefined {
  let config: Talosconfig | null;
  try {
    config = parse(talosconfig) as Talosconfig | null;
  } catch {
    return undefined;
  }
  const { ca, crt, key } = config?.contexts?.[config.context ?? ''] ?? {};
  return ca && crt && key ? { caCertificate: ca, clientCertificate: crt, clientKey: key } : undefined;
}

/** The keys of a talosconfig that we use; `ca`, `crt` and `key` are base64-encoded PEM. */
interface Talosconfig {
  context?: string;
  contexts?: Record<string, { ca?: string; crt?: string; key?: string } | undefined>;
}
