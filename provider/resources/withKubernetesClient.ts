import { KubernetesClient } from '../../clients/kubernetes/client';
import { parseKubeconfig } from '../../clients/kubernetes/kubeconfig';

/** Runs the work with a Kubernetes client for the kubeconfig, and closes the client afterwards. */
export async function withKubernetesClient<T>(
  kubeconfig: string,
  signal: AbortSignal,
  work: (api: KubernetesClient) => Promise<T>,
): Promise<T> {
  const api = new KubernetesClient(parseKubeconfig(kubeconfig), signal);
  try {
    return await work(api);
  } finally {
    api.close();
  }
}
