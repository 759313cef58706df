import type { Tamper } from '../tamper';
import { chart, created, deleted, flux, patched, place, policy, release } from './kubernetes';

const source = place('source.toolkit.fluxcd.io/v1', 'gitrepositories', 'GitRepository', 'flux-system/flux-system');
const byHand = 'rehearsal.example.org/by-hand';
const namespace = place('v1', 'namespaces', 'Namespace', 'networking');
const owned = { 'kustomize.toolkit.fluxcd.io/name': 'coredns', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' };

/** What someone does with kubectl or the flux CLI to what Flux owns. Flux would undo it at its next interval, an hour. */
export function fluxTampers(): Tamper[] {
  const suspend = { spec: { suspend: true } };
  const other = policy('kube-system/spegel');
  const stray = place('v1', 'configmaps', 'ConfigMap', 'kube-system/rehearsal-stray');
  const own = flux('rehearsal-own');
  return [
    patched('flux-kustomization-suspended', 'flux', flux('coredns'), suspend),
    patched('flux-release-suspended', 'flux', release('kube-system/spegel'), suspend),
    patched('flux-source-suspended', 'flux', source, suspend),
    patched('flux-chart-suspended', 'flux', chart('kube-system/coredns'), suspend),
    patched('flux-kustomization-path', 'flux', flux('spegel'), { spec: { interval: '7h' } }, 'spec.interval'),
    patched('flux-kustomization-prune', 'flux', flux('network-policies'), { spec: { prune: false } }, 'spec.prune'),
    patched(
      'flux-release-values',
      'flux',
      release('cert-manager/cert-manager'),
      { spec: { values: { podLabels: { [byHand]: 'x' } } } },
      'spec.values.podLabels',
    ),
    patched(
      'flux-release-interval',
      'flux',
      release('kube-system/coredns'),
      { spec: { interval: '3h' } },
      'spec.interval',
    ),
    patched(
      'flux-policy-opened',
      'flux',
      policy('kube-system/coredns'),
      { spec: { egress: [{ toEntities: ['all'] }] } },
      'spec.egress',
    ),
    patched(
      'flux-policy-selector',
      'flux',
      policy('kube-system/spegel'),
      { spec: { endpointSelector: { matchLabels: { [`k8s:${byHand}`]: 'x' } } } },
      `spec.endpointSelector.matchLabels["k8s:${byHand}"]`,
    ),
    deleted('flux-policy-deleted', 'flux', policy('kube-system/coredns')),
    deleted('flux-object-deleted', 'flux', other),
    deleted('flux-chart-deleted', 'flux', chart('kube-system/spegel')),
    patched(
      'flux-owner-label',
      'flux',
      other,
      { metadata: { labels: { 'kustomize.toolkit.fluxcd.io/name': 'someone' } } },
      'metadata.labels["kustomize.toolkit.fluxcd.io/name"]',
    ),
    patched(
      'flux-namespace-label',
      'flux',
      namespace,
      { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } },
      'metadata.labels["pod-security.kubernetes.io/enforce"]',
    ),
    patched(
      'flux-object-frozen',
      'flux',
      other,
      { metadata: { annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' } } },
      'metadata.annotations["kustomize.toolkit.fluxcd.io/reconcile"]',
    ),
    created(
      'flux-stray-object',
      'flux',
      stray,
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'rehearsal-stray', namespace: 'kube-system', labels: owned },
      },
      { layer: 'flux', object: stray.object },
    ),
    created(
      'flux-own-kustomization',
      'flux',
      own,
      {
        ...{
          apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
          kind: 'Kustomization',
          metadata: { name: 'rehearsal-own', namespace: 'flux-system' },
        },
        spec: {
          suspend: true,
          interval: '1h',
          prune: false,
          path: './nowhere',
          sourceRef: { kind: 'GitRepository', name: 'flux-system' },
        },
      },
      { layer: 'flux', object: own.object },
    ),
  ];
}
