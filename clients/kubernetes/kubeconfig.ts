import { parse } from 'yaml';
import { z } from 'zod';
import { UserError } from '../userError';

/** How to reach and identify oneself to one Kubernetes API. */
export interface KubeConnection {
  /** `https://host:port` */
  server: string;
  /** PEM. */
  certificateAuthority: string;
  /** PEM. */
  clientCertificate: string;
  /** PEM. */
  clientKey: string;
  /** Name that the API's certificate must bear instead of the host dialled. */
  serverName?: string;
}

const kubeconfigSchema = z.object({
  'current-context': z.string().min(1),
  contexts: z.array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) })),
  clusters: z.array(
    z.object({
      name: z.string(),
      cluster: z.object({
        server: z.url({ protocol: /^https$/ }),
        'certificate-authority-data': z.base64(),
        'tls-server-name': z.string().optional(),
      }),
    }),
  ),
  users: z.array(
    z.object({
      name: z.string(),
      user: z.object({ 'client-certificate-data': z.base64(), 'client-key-data': z.base64() }),
    }),
  ),
});

/**
 * Reads the current context of an admin kubeconfig with embedded certificates, as Talos makes them. Messages name the
 * key that is wrong and nothing of its value.
 */
export function parseKubeconfig(text: string): KubeConnection {
  let raw: unknown;
  try {
    raw = parse(text);
  } catch {
    throw new UserError('kubeconfig: is not YAML; give the kubeconfig that Talos made');
  }
  const parsed = kubeconfigSchema.safeParse(raw);
  if (!parsed.success) {
    const keys = parsed.error.issues.map((issue) => issue.path.join('.') || 'the document').join(', ');
    throw new UserError(`kubeconfig: missing or of the wrong form: ${keys}; give the kubeconfig that Talos made`);
  }
  const config = parsed.data;
  const context = config.contexts.find(({ name }) => name === config['current-context'])?.context;
  const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config.users.find(({ name }) => name === context?.user)?.user;
  if (!cluster || !user) {
    throw new UserError('kubeconfig: its current-context names no context with a cluster and a user in the file');
  }
  return {
    server: cluster.server.replace(/\/+$/, ''),
    certificateAuthority: decode(cluster['certificate-authority-data']),
    clientCertificate: decode(user['client-certificate-data']),
    clientKey: decode(user['client-key-data']),
    serverName: cluster['tls-server-name'],
  };
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
