import type { KubernetesClient } from '../../clients/kubernetes/client';
import { KubernetesUnreachable } from '../../clients/kubernetes/errors';
import { pollUntil } from '../../clients/process/pollUntil';
import { messageOf } from '../../clients/userError';
import type { Operation } from '../engine/implementation';

/**
 * Waits until the Kubernetes API reports that it is ready.
 *
 * @throws UserError with the last failed checks or connection error, on timeout
 */
export async function waitForKubernetesApi(
  api: KubernetesClient,
  timeoutSeconds: number,
  { progress, signal }: Operation,
): Promise<void> {
  const { server } = api.connection;
  const node = new URL(server).hostname;
  let last = '';
  await pollUntil(
    async () => {
      try {
        const { ready, text } = await api.readiness();
        if (ready) return true;
        last = text;
      } catch (error) {
        last = error instanceof KubernetesUnreachable ? error.reason : messageOf(error);
      }
      progress.status(`waiting for the Kubernetes API at ${server}: ${last}`);
      return undefined;
    },
    {
      timeoutSeconds,
      intervalMilliseconds: 500,
      signal,
      timedOut: (waited) =>
        `the Kubernetes API at ${server} is not ready after ${waited} s: ${last}\n` +
        `inspect the control plane on that machine: talosctl service etcd --nodes ${node}, talosctl containers -k --nodes ${node}`,
    },
  );
}
