import { gunzipSync, gzipSync } from 'node:zlib';
import type { KubeObject } from '../../../clients/kubernetes/objects';
import type { Tamper } from '../tamper';
import type { Undo } from '../undo';
import type { World } from '../world';
import { deleted, patched, place } from './kubernetes';

const coredns = place('apps/v1', 'deployments', 'Deployment', 'kube-system/coredns');
const corefile = place('v1', 'configmaps', 'ConfigMap', 'kube-system/coredns');
const service = place('v1', 'services', 'Service', 'kube-system/kube-dns');
const issuer = place('apps/v1', 'deployments', 'Deployment', 'cert-manager/cert-manager');
const spegel = place('apps/v1', 'daemonsets', 'DaemonSet', 'kube-system/spegel');
const role = place('rbac.authorization.k8s.io/v1', 'clusterroles', 'ClusterRole', 'coredns');

/** What someone does to the releases that the bootstrap installed: with Helm, or with kubectl under Flux. */
export function coreTampers(): Tamper[] {
  return [
    patched('core-replicas', 'core', coredns, { spec: { replicas: 7 } }, 'spec.replicas'),
    patched('core-strategy', 'core', coredns, { spec: { revisionHistoryLimit: 1 } }, 'spec.revisionHistoryLimit'),
    patched('core-corefile', 'core', corefile, { data: { Corefile: '.:53 {\n    errors\n}\n' } }, 'data.Corefile'),
    patched(
      'core-service-port',
      'core',
      service,
      { metadata: { labels: { 'app.kubernetes.io/name': 'someone' } } },
      'metadata.labels["app.kubernetes.io/name"]',
    ),
    patched('core-issuer-paused', 'core', issuer, { spec: { paused: true } }, 'spec.paused'),
    patched(
      'core-role-widened',
      'core',
      role,
      { rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] },
      'rules',
    ),
    deleted('core-role-deleted', 'core', role),
    deleted('core-daemonset-deleted', 'core', spegel),
    stored('core-release-failed', (release) => ({ ...release, info: { ...release.info, status: 'failed' } }), 'failed'),
    stored(
      'core-release-pending',
      (release) => ({ ...release, info: { ...release.info, status: 'pending-upgrade' } }),
      'pending-upgrade',
    ),
    stored('core-release-gone', () => undefined),
  ];
}

interface HelmRelease {
  info: { status: string };
}

/** Changes the record that Helm keeps of a release, as an interrupted `helm` of a person leaves it; without one, deletes it. */
function stored(name: string, change: (release: HelmRelease) => HelmRelease | undefined, status?: string): Tamper {
  return {
    name,
    layer: 'core',
    expect: [{ layer: 'core', object: 'HelmRelease kube-system/spegel' }],
    apply: (world) => changeStored(world, change, status),
  };
}

async function changeStored(
  { api }: World,
  change: (release: HelmRelease) => HelmRelease | undefined,
  status: string | undefined,
): Promise<Undo> {
  const collection = '/api/v1/namespaces/kube-system/secrets';
  const all = await api.list<KubeObject & { data: { release: string } }>(collection, {
    labelSelector: 'owner=helm,name=spegel',
  });
  const latest = all.toSorted((a, b) => Number(b.metadata.labels?.version) - Number(a.metadata.labels?.version))[0];
  if (latest === undefined) throw new Error('the lab has no release spegel in kube-system');
  const { name, labels } = latest.metadata;
  const path = `${collection}/${name}`;
  const decoded = JSON.parse(
    gunzipSync(Buffer.from(Buffer.from(latest.data.release, 'base64').toString(), 'base64')).toString(),
  ) as HelmRelease;
  const changed = change(decoded);
  if (changed === undefined) {
    const { type } = latest as { type?: string };
    await api.delete(path);
    return async () => {
      const body = { apiVersion: 'v1', kind: 'Secret', type, metadata: { name, labels }, data: latest.data };
      await api.request('POST', collection, { body });
    };
  }
  const encoded = Buffer.from(gzipSync(JSON.stringify(changed)).toString('base64')).toString('base64');
  await api.mergePatch(path, { metadata: { labels: { status } }, data: { release: encoded } });
  return async () => {
    await api.mergePatch(path, { metadata: { labels: { status: labels?.status } }, data: latest.data });
  };
}
