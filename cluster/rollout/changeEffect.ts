import { mainDocument } from './configurationDocuments';

/** What Talos does with a changed field: applies it while running, reboots for it, or only keeps it. */
export type ChangeEffect = 'live' | 'reboot' | 'later';

/**
 * The fields of `v1alpha1` that Talos applies without a reboot; all others need one, and every other document is applied
 * without. As in CanApplyImmediate of Talos 1.11 to 1.13 (internal/app/machined/pkg/runtime/v1alpha1/v1alpha1_runtime.go).
 */
const liveMachineFields = new Set([
  'acceptedCAs',
  'ca',
  'certSANs',
  'controlPlane',
  'install',
  'kernel',
  'kubelet',
  'logging',
  'network',
  'nodeAnnotations',
  'nodeLabels',
  'nodeTaints',
  'pods',
  'registries',
  'seccompProfiles',
  'sysctls',
  'sysfs',
  'time',
]);
const liveFeatures = new Set([
  'hostDNS',
  'imageCache',
  'kubePrism',
  'kubernetesTalosAPIAccess',
  'nodeAddressSortAlgorithm',
]);

/** The effect of a changed field. `path` is empty for a whole document. */
export function changeEffect(document: string, path: readonly string[]): ChangeEffect {
  if (hasNoEffectYet(document, path)) return 'later';
  if (document !== mainDocument) return 'live';
  const [top, field, feature] = path;
  if (top === 'cluster' || top === 'debug') return 'live';
  if (top !== 'machine' || field === undefined) return 'reboot';
  if (field === 'features') return feature !== undefined && liveFeatures.has(feature) ? 'live' : 'reboot';
  return liveMachineFields.has(field) ? 'live' : 'reboot';
}

/**
 * Fields that Talos accepts and reads only at another occasion: at the next upgrade or installation (`install`), when containerd
 * starts (registry authentication), when etcd does (at a boot: siderolabs/talos#9605), and when a system volume is made (its encryption).
 */
function hasNoEffectYet(document: string, path: readonly string[]): boolean {
  if (/^VolumeConfig /.test(document)) return path[0] === 'encryption';
  if (document === mainDocument && path[0] === 'cluster' && path[1] === 'etcd' && path[2] !== 'ca') return true;
  if (document !== mainDocument || path[0] !== 'machine') return false;
  if (path[1] === 'install') return true;
  return path[1] === 'registries' && path[2] === 'config' && path[4] === 'auth';
}
