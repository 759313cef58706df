import { KubernetesClient } from '../../clients/kubernetes/client';
import { parseKubeconfig } from '../../clients/kubernetes/kubeconfig';
import { TalosClient, talosPort } from '../../clients/talos/client';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import { messageOf, UserError } from '../../clients/userError';
import { apiUrl, withServer } from '../../cluster/kubeconfig';
import type { Operation } from '../engine/implementation';
import { describeTarget, type MachineTarget } from './target';

/** Ports of the machines' APIs, which tests override. */
export interface KubernetesAccess {
  port?: number;
  /** The URL of the Kubernetes API of a dialled address. */
  url?: (endpoint: string) => string;
}

/**
 * A Kubernetes client for the first control plane whose Talos API hands out an admin kubeconfig and whose Kubernetes API
 * is ready. Close it afterwards. The cluster's endpoint is not used: it may lead to the machine that is being changed, and
 * its name need not resolve here.
 *
 * @throws UserError with a reason for each control plane
 */
export async function openKubernetes(
  controlPlanes: readonly MachineTarget[],
  identity: TalosClientConfiguration,
  signal: AbortSignal,
  { port = talosPort, url = apiUrl }: KubernetesAccess = {},
): Promise<KubernetesClient> {
  const reasons: string[] = [];
  for (const target of controlPlanes) {
    const talos = TalosClient.secure(target, identity, port);
    try {
      const kubeconfig = withServer(await talos.kubeconfig(5), url(target.endpoint));
      const api = new KubernetesClient(parseKubeconfig(kubeconfig), signal, 10);
      const { ready, text } = await api.readiness().catch((error: unknown) => {
        api.close();
        throw error;
      });
      if (ready) return api;
      api.close();
      reasons.push(`${describeTarget(target)}: ${text}`);
    } catch (error) {
      reasons.push(`${describeTarget(target)}: ${messageOf(error)}`);
    } finally {
      talos.close();
    }
  }
  throw new UserError(['no control plane serves the Kubernetes API:', ...reasons].join('\n  '));
}

/** Control planes and the identity to ask them with. */
export interface KubernetesSource {
  controlPlanes: readonly MachineTarget[];
  identity: TalosClientConfiguration;
  /** The machine that is being changed: its API may be restarting, and is only asked if no other one serves. */
  target?: MachineTarget;
}

/** Runs the work with the client that {@link openKubernetes} finds, and closes it. */
export async function withKubernetes<T>(
  { controlPlanes, identity, target }: KubernetesSource,
  { signal }: Pick<Operation, 'signal'>,
  access: KubernetesAccess,
  work: (api: KubernetesClient) => Promise<T>,
): Promise<T> {
  const order = controlPlanes.toSorted((a, b) => Number(a.name === target?.name) - Number(b.name === target?.name));
  const api = await openKubernetes(order, identity, signal, access);
  try {
    return await work(api);
  } finally {
    api.close();
  }
}
