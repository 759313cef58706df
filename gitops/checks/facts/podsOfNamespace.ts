import { builtInGroups } from '../../crdOwners';
import { type JsonMap, type KubernetesObject, groupOf } from '../../kubernetesObject';
import { type Tree, type TreeCluster, isComplete } from '../../tree';
import { releases, targetNamespace } from './charts';
import { podsOf } from './pods';

/** The pods of a namespace, as far as they are known. */
interface NamespacePods {
  labels: JsonMap[];
  /** Why there may be others. */
  unknown?: string;
}

/** Groups whose objects make no pods with labels that a selector in Git would name. */
const withoutPods: ReadonlySet<string> = new Set([
  ...['cert-manager.io', 'acme.cert-manager.io', 'cilium.io', 'external-secrets.io', 'externaldns.k8s.io'],
  ...['gateway.networking.k8s.io', 'snapshot.storage.k8s.io', 'groupsnapshot.storage.k8s.io'],
  ...['helm', 'image', 'kustomize', 'notification', 'source'].map((name) => `${name}.toolkit.fluxcd.io`),
]);

const scraped = /^(PodMonitor|ServiceMonitor|PrometheusRule|Probe|ScrapeConfig|VM\w*Scrape|VMRule)$/;

/** Whether an operator may make pods from an object. */
function mayMakePods(object: KubernetesObject): boolean {
  const group = groupOf(object);
  return group.includes('.') && !builtInGroups.has(group) && !withoutPods.has(group) && !scraped.test(object.kind);
}

/** The pods of a namespace: those of Git, and of charts that were rendered (`--charts`). */
export function podsOfNamespace(tree: Tree, cluster: TreeCluster, namespace: string): NamespacePods {
  const objects = cluster.objects.filter(({ object }) => object.metadata.namespace === namespace);
  const inGit = objects.map(({ object }) => object);
  const charts = [...releases(cluster)]
    .filter(({ release }) => targetNamespace(release) === namespace)
    .map(({ release }) => tree.chartObjects?.get(release));
  const fromCharts = charts
    .flatMap((rendered) => rendered ?? [])
    .filter(({ metadata }) => (metadata.namespace ?? namespace) === namespace);
  const labels = [...inGit, ...fromCharts].flatMap((object) => {
    const pods = podsOf(object);
    return pods === undefined ? [] : [pods.labels];
  });
  const rendered = cluster.kustomizations.every(({ skipped }) => skipped !== 'suspended');
  if (!isComplete(cluster) || !rendered) return { labels, unknown: 'not every Kustomization is rendered' };
  if (charts.includes(undefined)) return { labels, unknown: 'a chart may make the pods; --charts shows them' };
  const operated = [...inGit, ...fromCharts].some(mayMakePods);
  return operated ? { labels, unknown: 'an operator may make the pods' } : { labels };
}
