import { parse } from 'yaml';
import type { TalosClientConfiguration } from './identity';

/** The identity in a talosconfig's current context; nothing if the text holds none. */
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

/** The part of the file that says who one is; the values are PEM in base64. */
interface Talosconfig {
  context?: string;
  contexts?: Record<string, { ca?: string; crt?: string; key?: string } | undefined>;
}
