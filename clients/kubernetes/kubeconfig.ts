import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import { UserError } from '../userError';

/** Address and credentials of a Kubernetes API. */
export interface KubeConnection {
  /** `https://host:port`; `http://` only from {@link parseAnyKubeconfig}. */
  server: string;
  /** PEM; empty if the kubeconfig has none. */
  certificateAuthority: string;
  /** PEM. */
  clientCertificate?: string;
  /** PEM. */
  clientKey?: string;
  /** Bearer token. */
  token?: string;
  /** Name that the certificate of the API must contain, instead of the host in `server`. */
  serverName?: string;
}

const adminSchemas = {
  cluster: z.object({
    server: z.url({ protocol: /^https$/ }),
    'certificate-authority-data': z.base64(),
    'tls-server-name': z.string().optional(),
  }),
  user: z.object({ 'client-certificate-data': z.base64(), 'client-key-data': z.base64() }),
};

const anySchemas = {
  cluster: z.object({
    server: z.url({ protocol: /^https?$/ }),
    'certificate-authority-data': z.base64().optional(),
    'certificate-authority': z.string().optional(),
    'tls-server-name': z.string().optional(),
  }),
  user: z.object({
    'client-certificate-data': z.base64().optional(),
    'client-certificate': z.string().optional(),
    'client-key-data': z.base64().optional(),
    'client-key': z.string().optional(),
    token: z.string().optional(),
  }),
};

/**
 * Reads the current context of an admin kubeconfig with embedded certificates, as Talos generates it. Error messages
 * name invalid keys, but do not contain values.
 */
export function parseKubeconfig(text: string): KubeConnection {
  return readCurrentContext(text, adminSchemas, 'use the kubeconfig that Talos generated');
}

/**
 * Reads the current context of any kubeconfig, as kubectl does: plain http and no user (`kubectl proxy`), a bearer token,
 * and certificates in files are accepted too. Not for the program, whose kubeconfig comes from Talos.
 */
export function parseAnyKubeconfig(text: string): KubeConnection {
  return readCurrentContext(text, anySchemas, 'see `kubectl config view`');
}

function readCurrentContext(
  text: string,
  schemas: typeof adminSchemas | typeof anySchemas,
  whatToDo: string,
): KubeConnection {
  let raw: unknown;
  try {
    raw = parse(text);
  } catch {
    throw new UserError(`kubeconfig: is not valid YAML; ${whatToDo}`);
  }
  const parsed = kubeconfigSchema(schemas).safeParse(raw);
  if (!parsed.success) {
    const keys = parsed.error.issues.map((issue) => issue.path.join('.') || 'the document').join(', ');
    throw new UserError(`kubeconfig: missing or invalid: ${keys}; ${whatToDo}`);
  }
  const config = parsed.data;
  const context = config.contexts.find(({ name }) => name === config['current-context'])?.context;
  const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster;
  const user =
    config.users?.find(({ name }) => name === context?.user)?.user ?? (schemas === anySchemas ? {} : undefined);
  if (!cluster || !user) {
    throw new UserError(
      'kubeconfig: its current-context does not name a context whose cluster and user are in the file',
    );
  }
  return {
    server: cluster.server.replace(/\/+$/, ''),
    certificateAuthority: pem(cluster, 'certificate-authority') ?? '',
    clientCertificate: pem(user, 'client-certificate'),
    clientKey: pem(user, 'client-key'),
    token: 'token' in user ? user.token : undefined,
    serverName: cluster['tls-server-name'],
  };
}

function kubeconfigSchema({ cluster, user }: typeof adminSchemas | typeof anySchemas) {
  return z.object({
    'current-context': z.string().min(1),
    contexts: z.array(
      z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string().optional() }) }),
    ),
    clusters: z.array(z.object({ name: z.string(), cluster })),
    users: z.array(z.object({ name: z.string(), user })).optional(),
  });
}

/** The PEM text under `<key>-data`, or in the file that `<key>` names. */
function pem(holder: Record<string, string | undefined>, key: string): string | undefined {
  const data = holder[`${key}-data`];
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  const file = holder[key];
  return file === undefined ? undefined : readFileSync(file, 'utf8');
}
