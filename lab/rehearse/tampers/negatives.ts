import type { Tamper } from '../tamper';
import type { World } from '../world';
import { place, policy } from './kubernetes';

const coredns = place('apps/v1', 'deployments', 'Deployment', 'kube-system/coredns');

/** What happens on a healthy cluster, and must not be reported. */
export function negatives(): Tamper[] {
  const harmless = (name: string, apply: Tamper['apply']): Tamper => ({
    name: `none-${name}`,
    layer: 'none',
    expect: [],
    apply,
  });
  const configMap = (labels: Record<string, string>, name: string) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'kube-system', labels },
  });
  return [
    harmless('status-written', (world) =>
      world.patch(`${policy('kube-system/coredns').path}/status`, { status: { conditions: [] } }),
    ),
    harmless('annotation-of-a-controller', (world) =>
      world.patch(policy('kube-system/coredns').path, {
        metadata: { annotations: { 'rehearsal.example.org/seen': 'now' } },
      }),
    ),
    harmless('object-of-a-person', (world) =>
      world.create('/api/v1/namespaces/kube-system/configmaps', configMap({}, 'rehearsal-own')),
    ),
    harmless('object-of-another-helm', (world) =>
      world.create(
        '/api/v1/namespaces/kube-system/configmaps',
        configMap({ 'app.kubernetes.io/managed-by': 'Helm' }, 'rehearsal-helm'),
      ),
    ),
    harmless('event', (world) =>
      world.create('/api/v1/namespaces/kube-system/events', {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: 'rehearsal-event', namespace: 'kube-system' },
        ...{
          involvedObject: { kind: 'Deployment', name: 'coredns', namespace: 'kube-system' },
          reason: 'Rehearsal',
          type: 'Normal',
        },
      }),
    ),
    harmless('pod-restarted', restartPod),
    harmless('reconciling', (world) =>
      world.patch('/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/coredns', {
        metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': new Date().toISOString() } },
      }),
    ),
    harmless('release-reconciling', (world) =>
      world.patch('/apis/helm.toolkit.fluxcd.io/v2/namespaces/kube-system/helmreleases/coredns', {
        metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': new Date().toISOString() } },
      }),
    ),
  ];
}

/** Deletes a pod, which its Deployment replaces: a rollout that is not finished. */
async function restartPod({ api }: World): Promise<() => Promise<void>> {
  const pods = '/api/v1/namespaces/kube-system/pods';
  const [pod] = await api.list(pods, { labelSelector: 'k8s-app=kube-dns' });
  if (pod === undefined) throw new Error(`the lab has no pod of ${coredns.object}`);
  await api.delete(`${pods}/${pod.metadata.name}`);
  return () => Promise.resolve();
}
