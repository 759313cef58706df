import { createHash } from 'node:crypto';
import * as path from 'node:path';
import type { KubernetesClient } from '../../clients/kubernetes/client';
import { KubernetesRefused } from '../../clients/kubernetes/errors';
import type { KubeConnection } from '../../clients/kubernetes/kubeconfig';
import { writePrivate } from '../files';

/** Tokens are valid for an hour and renewed at half time, similar to the kubelet. */
const tokenSeconds = 3600;
const renewAfter = (tokenSeconds / 2) * 1000;

/** The ServiceAccount of a token. */
export interface Account {
  namespace: string;
  name: string;
  /** Changes if the account was deleted and recreated, which invalidates earlier tokens. */
  installation: string;
}

/**
 * Gives a host process the identity of its pod: a kubeconfig with a token of the Deployment's ServiceAccount, so that a
 * missing role fails in the lab as it does in production. client-go rereads the token file on its own.
 */
export class ServiceAccountIdentity {
  private issuedAt = 0;
  private issuedFor = '';

  constructor(private readonly dir: string) {}

  /** The path of a kubeconfig with a token that is valid for at least half an hour, or why there is none yet. */
  async kubeconfig(api: KubernetesClient, account: Account): Promise<{ file: string } | { waiting: string }> {
    const { namespace, name, installation } = account;
    const { server, certificateAuthority } = api.connection;
    const identity = createHash('sha256')
      .update(JSON.stringify([server, certificateAuthority, namespace, name, installation]))
      .digest('hex');
    // A different cluster or installation gets a different file, which restarts the process.
    const file = path.join(this.dir, `kubeconfig-${identity.slice(0, 8)}`);
    if (identity === this.issuedFor && Date.now() - this.issuedAt < renewAfter) return { file };
    const token = await requestToken(api, namespace, name);
    if (token === undefined) return { waiting: `ServiceAccount ${namespace}/${name} does not exist yet` };
    const tokenFile = path.join(this.dir, 'token');
    writePrivate(tokenFile, token);
    writePrivate(file, renderKubeconfig(api.connection, tokenFile, namespace));
    this.issuedFor = identity;
    this.issuedAt = Date.now();
    return { file };
  }
}

async function requestToken(api: KubernetesClient, namespace: string, name: string): Promise<string | undefined> {
  try {
    const answer = await api.request<{ status: { token: string } }>(
      'POST',
      `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
      {
        body: {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec: { expirationSeconds: tokenSeconds },
        },
      },
    );
    return answer.status.token;
  } catch (error) {
    if (error instanceof KubernetesRefused && error.status === 404) return undefined;
    throw error;
  }
}

function renderKubeconfig(connection: KubeConnection, tokenFile: string, namespace: string): string {
  const ca = Buffer.from(connection.certificateAuthority).toString('base64');
  return `${JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    contexts: [{ name: 'lab', context: { cluster: 'lab', user: 'lab', namespace } }],
    clusters: [{ name: 'lab', cluster: { server: connection.server, 'certificate-authority-data': ca } }],
    users: [{ name: 'lab', user: { tokenFile } }],
  })}\n`;
}
