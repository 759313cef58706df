import type { KubernetesClient } from '../../clients/kubernetes/client';
import { cachedLookup } from './cachedLookup';
import type { Deployment } from './kubeTypes';
import { text } from './refusals';
import type { ReportedObject } from './reportedObject';
import type { ProcessStatus } from './status';
import { type Claim, selectedNodeOf, type StorageClass, volumeFor, type VolumeRule, volumeRules } from './volumeRules';

/** Milliseconds between rounds; real provisioners are not faster. */
const interval = 2_000;

/** What a round reads in addition to what stand-in operators do. */
export const watchedByProvisioners: readonly string[] = [
  '/api/v1/persistentvolumeclaims',
  '/api/v1/persistentvolumes',
  '/apis/storage.k8s.io/v1/volumeattachments',
];

/**
 * Stand-ins for the provisioners of OpenEBS and Ceph: they make a PersistentVolume for a claim as the real ones would, without
 * a disk behind it, call a volume attached, and delete a released volume whose policy says so.
 */
export class VolumeProvisioners {
  private lastRound = 0;
  /** Whether the last round was too early and did nothing, or refused a claim. */
  skipped = false;
  private made = 0;
  private refused: string[] = [];

  /** One round; `find` returns a provisioner's Deployment. */
  async reconcile(
    api: KubernetesClient,
    find: (namespace: string, name: string) => Deployment | undefined,
  ): Promise<void> {
    this.skipped = Date.now() - this.lastRound < interval;
    if (this.skipped) return;
    this.lastRound = Date.now();
    const rules = volumeRules.filter(
      ({ deployment }) => (find(deployment.namespace, deployment.name)?.status?.availableReplicas ?? 0) > 0,
    );
    if (rules.length === 0) return;
    this.refused = [];
    await this.provision(api, rules);
    await this.deleteReleased(api, rules);
    await this.attach(api, rules);
    this.skipped = this.refused.length > 0;
  }

  /** The entry on the status page. */
  status(): ProcessStatus {
    const message = [`${this.made} made; nothing is stored in them`, ...this.refused].join('; ');
    return {
      name: 'provisioners of OpenEBS and Ceph (stand-in): PersistentVolume',
      version: 'rule',
      real: false,
      state: this.refused.length > 0 || this.made === 0 ? 'waiting' : 'done',
      message,
    };
  }

  private async provision(api: KubernetesClient, rules: readonly VolumeRule[]): Promise<void> {
    const claims = await api.list<Claim>('/api/v1/persistentvolumeclaims');
    const pending = claims.filter(
      (claim) => text(claim.status, 'phase') !== 'Bound' && provisionerOf(claim) !== undefined,
    );
    if (pending.length === 0) return;
    const classes = await api.list<StorageClass>('/apis/storage.k8s.io/v1/storageclasses');
    const lookup = cachedLookup(api);
    for (const claim of pending) {
      const rule = rules.find(({ provisioner }) => provisioner === provisionerOf(claim));
      const storageClass = classes.find(({ metadata }) => metadata.name === text(claim.spec, 'storageClassName'));
      if (rule === undefined || storageClass === undefined) continue;
      // The scheduler has not yet chosen a node for the first pod.
      if (storageClass.volumeBindingMode === 'WaitForFirstConsumer' && selectedNodeOf(claim) === undefined) continue;
      const result = await volumeFor(claim, storageClass, rule, lookup);
      const { namespace = '', name, uid = '' } = claim.metadata;
      if ('refused' in result) this.refused.push(`refuses ${namespace}/${name}: ${result.refused}`);
      // Made in an earlier round, and not bound yet.
      else if ((await lookup.get(`/api/v1/persistentvolumes/pvc-${uid}`)) === undefined) {
        await api.request('POST', '/api/v1/persistentvolumes', { body: result.volume });
        this.made += 1;
      }
    }
  }

  private async deleteReleased(api: KubernetesClient, rules: readonly VolumeRule[]): Promise<void> {
    const volumes = await api.list<ReportedObject>('/api/v1/persistentvolumes');
    const ours = new Set(rules.map(({ provisioner }) => provisioner));
    for (const { metadata, spec, status } of volumes)
      if (
        ours.has(metadata.annotations?.['pv.kubernetes.io/provisioned-by'] ?? '') &&
        text(status, 'phase') === 'Released' &&
        text(spec, 'persistentVolumeReclaimPolicy') === 'Delete'
      )
        await api.delete(`/api/v1/persistentvolumes/${metadata.name}`);
  }

  /** What Ceph CSI's attacher reports; without it, the attach controller would warn about each pod forever. */
  private async attach(api: KubernetesClient, rules: readonly VolumeRule[]): Promise<void> {
    const attachments = await api.list<ReportedObject>('/apis/storage.k8s.io/v1/volumeattachments');
    for (const { metadata, spec, status } of attachments) {
      if (!rules.some(({ provisioner }) => provisioner === spec?.['attacher'])) continue;
      if (status?.['attached'] === true) continue;
      await api.request('PATCH', `/apis/storage.k8s.io/v1/volumeattachments/${metadata.name}/status`, {
        contentType: 'application/merge-patch+json',
        query: { fieldManager: 'lab-stand-in' },
        body: { status: { attached: true } },
      });
    }
  }
}

/** The provisioner that Kubernetes' own controller asked for a volume. */
function provisionerOf({ metadata }: Claim): string | undefined {
  return metadata.annotations?.['volume.kubernetes.io/storage-provisioner'];
}
