import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The active cluster and user of a kubeconfig; certificates are PEM text. */
export interface Connection {
  server: string;
  certificateAuthority: string;
  clientCertificate?: string;
  clientKey?: string;
  token?: string;
}

interface Kubeconfig {
  'current-context'?: string;
  contexts?: { name: string; context: { cluster: string; user: string } }[];
  clusters?: { name: string; cluster: Record<string, string | undefined> }[];
  users?: { name: string; user: Record<string, string | undefined> }[];
}

/**
 * Reads the connection of the active context out of a kubeconfig (YAML or JSON text).
 *
 * @throws Error naming what is missing; never quotes the text, which holds credentials.
 */
export function parseKubeconfig(text: string): Connection {
  let config: Kubeconfig | null;
  try {
    config = parse(text) as Kubeconfig | null;
  } catch {
    throw new Error('the kubeconfig is not YAML');
  }
  if (config === null || typeof config !== 'object') throw new Error('the kubeconfig is empty');
  const current = config['current-context'];
  const context = config.contexts?.find((entry) => entry.name === current)?.context;
  if (context === undefined) throw new Error(`the kubeconfig has no context "${current ?? ''}" (its current-context)`);
  const cluster = config.clusters?.find((entry) => entry.name === context.cluster)?.cluster;
  if (cluster?.server === undefined) throw new Error(`the kubeconfig has no server for cluster "${context.cluster}"`);
  const user = config.users?.find((entry) => entry.name === context.user)?.user ?? {};
  return {
    server: cluster.server.replace(/\/$/, ''),
    certificateAuthority: pem(cluster, 'certificate-authority') ?? '',
    clientCertificate: pem(user, 'client-certificate'),
    clientKey: pem(user, 'client-key'),
    token: user.token,
  };
}

function pem(holder: Record<string, string | undefined>, key: string): string | undefined {
  const data = holder[`${key}-data`];
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  const file = holder[key];
  return file === undefined ? undefined : readFileSync(file, 'utf8');
}
