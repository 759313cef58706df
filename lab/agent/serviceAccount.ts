import { createHash } from 'node:crypto';
import * as path from 'node:path';
import { writePrivate } from '../files';
import type { KubeApi } from './kubeApi';
import { KubeApiError } from './kubeApi';
import type { Connection } from './kubeconfig';

/** Tokens are asked for an hour and renewed at half time, as the kubelet does. */
const tokenSeconds = 3600;
const renewAfter = (tokenSeconds / 2) * 1000;

/** Whose token is asked for. */
export interface Account {
  namespace: string;
  name: string;
  /** Changes when the account was deleted and made again, which makes earlier tokens worthless. */
  installation: string;
}

/**
 * Gives a host process the identity its pod would have: a kubeconfig with a token of the Deployment's ServiceAccount, so
 * that a missing role fails in the lab as it does in production. client-go reads the token file again by itself.
 */
export class ServiceAccountIdentity {
  private issuedAt = 0;
  private issuedFor = '';

  constructor(private readonly dir: string) {}

  /** The kubeconfig's path, with a token that is good for at least half an hour; or why there is none yet. */
  async kubeconfig(
    api: KubeApi,
    connection: Connection,
    account: Account,
  ): Promise<{ file: string } | { waiting: string }> {
    const { namespace, name, installation } = account;
    const { server, certificateAuthority } = connection;
    const identity = createHash('sha256')
      .update(JSON.stringify([server, certificateAuthority, namespace, name, installation]))
      .digest('hex');
    // Another cluster or installation is another file, so that the process is restarted with it.
    const file = path.join(this.dir, `kubeconfig-${identity.slice(0, 8)}`);
    if (identity === this.issuedFor && Date.now() - this.issuedAt < renewAfter) return { file };
    const answer = await requestToken(api, namespace, name);
    if (answer === undefined) return { waiting: `ServiceAccount ${namespace}/${name} is not there yet` };
    const tokenFile = path.join(this.dir, 'token');
    writePrivate(tokenFile, answer);
    writePrivate(file, renderKubeconfig(connection, tokenFile, namespace));
    this.issuedFor = identity;
    this.issuedAt = Date.now();
    return { file };
  }
}

async function requestToken(api: KubeApi, namespace: string, name: string): Promise<string | undefined> {
  try {
    const answer = await api.request<{ status: { token: string } }>(
      `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
      {
        method: 'POST',
        body: {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec: { expirationSeconds: tokenSeconds },
        },
      },
    );
    return answer.status.token;
  } catch (error) {
    if (error instanceof KubeApiError && error.code === 404) return undefined;
    throw error;
  }
}

function renderKubeconfig(connection: Connection, tokenFile: string, namespace: string): string {
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
