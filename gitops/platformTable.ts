import { type Json, type KubernetesObject, groupOf, specOf, valueAt, listOf } from './kubernetesObject';
import type { Tree, TreeCluster, TreeKustomization, TreeObject } from './tree';

/** One Flux Kustomization and what it deploys, as a row of the table in `docs/platform.md`. */
interface Row {
  system: string;
  clusters: string[];
  namespaces: string;
  charts: string;
  dependsOn: string;
  secrets: string;
  exposure: string;
  alerts: string;
}

const header = ['system', 'cluster', 'namespace', 'chart and version', 'depends on', 'secrets', 'exposure', 'alerts'];

/**
 * The platform table in Markdown, with a row for each Flux Kustomization. Clusters on which it is identical share a row;
 * where they differ, each gets its own.
 */
export function platformTable(tree: Tree): string {
  const rows = new Map<string, Row>();
  for (const cluster of tree.clusters) {
    for (const kustomization of cluster.kustomizations) {
      if (kustomization.parent === undefined) continue;
      const row = toRow(cluster, kustomization);
      const { clusters: _clusters, ...rest } = row;
      // Rows that differ only in the cluster's name count as identical.
      const key = JSON.stringify(rest).replaceAll(`/${cluster.name}/`, '/*/');
      const same = rows.get(key);
      if (same === undefined) rows.set(key, row);
      else same.clusters.push(cluster.name);
    }
  }
  const lines = [...rows.values()]
    .sort((a, b) => a.system.localeCompare(b.system) || a.clusters.join().localeCompare(b.clusters.join()))
    .map(({ clusters, ...row }) => {
      const shared = clusters.length > 1;
      const cells = [row.system, clusters.join(', '), row.namespaces, row.charts, row.dependsOn];
      const rest = [row.secrets, row.exposure, row.alerts].map((cell) =>
        shared ? cell.replaceAll(`/${clusters[0] ?? ''}/`, '/<cluster>/') : cell,
      );
      return `| ${[...cells, ...rest].map((cell) => (cell === '' ? '–' : cell)).join(' | ')} |`;
    });
  return [`| ${header.join(' | ')} |`, `|${header.map(() => '---').join('|')}|`, ...lines].join('\n');
}

function toRow(cluster: TreeCluster, kustomization: TreeKustomization): Row {
  const own = cluster.objects.filter((object) => object.kustomization === kustomization.id);
  const of = (kind: string): KubernetesObject[] =>
    own.map(({ object }) => object).filter((object) => object.kind === kind);
  return {
    system: kustomization.name,
    clusters: [cluster.name],
    namespaces: list(own.flatMap(({ object }) => namespaceOf(object))),
    charts: list(of('HelmRelease').map((release) => chartOf(release, cluster.objects))),
    dependsOn: list(dependencies(kustomization)),
    secrets: list(of('ExternalSecret').flatMap(keysOf)),
    exposure: list(own.flatMap(({ object }) => exposureOf(object))),
    alerts: list([...of('PrometheusRule'), ...of('VMRule')].flatMap(alertsOf)),
  };
}

function namespaceOf(object: KubernetesObject): string[] {
  if (object.kind === 'Namespace') return [object.metadata.name];
  return object.metadata.namespace === undefined ? [] : [object.metadata.namespace];
}

function chartOf(release: KubernetesObject, objects: readonly TreeObject[]): string {
  const name = valueAt(specOf(release), 'chartRef', 'name');
  const source = objects.find(
    ({ object }) =>
      object.kind === 'OCIRepository' &&
      object.metadata.name === name &&
      object.metadata.namespace === release.metadata.namespace,
  );
  const spec = source === undefined ? undefined : specOf(source.object);
  const [tag, url] = [valueAt(spec, 'ref', 'tag'), valueAt(spec, 'url')];
  const chart = typeof url === 'string' ? url.slice(url.lastIndexOf('/') + 1) : text(name);
  return `${chart} ${text(tag)}`;
}

function dependencies({ object }: TreeKustomization): string[] {
  const entries = specOf(object)['dependsOn'];
  return listOf(entries).map((entry) => text(valueAt(entry, 'name')));
}

function keysOf(secret: KubernetesObject): string[] {
  const spec = specOf(secret);
  const listed = [...listOf(spec['data']), ...listOf(spec['dataFrom'])];
  return listed.flatMap((entry) => {
    const key = valueAt(entry, 'remoteRef', 'key') ?? valueAt(entry, 'extract', 'key');
    return typeof key === 'string' ? [key] : [];
  });
}

function exposureOf(object: KubernetesObject): string[] {
  const spec = specOf(object);
  if (object.kind === 'HTTPRoute') return listOf(spec['hostnames']).map(String);
  if (object.kind === 'Gateway' && groupOf(object) === 'gateway.networking.k8s.io') {
    const addresses = listOf(spec['addresses']).map((address) => text(valueAt(address, 'value')));
    return [`Gateway ${object.metadata.name}${addresses.length > 0 ? ` at ${addresses.join(', ')}` : ''}`];
  }
  if (object.kind === 'Service' && spec['type'] === 'LoadBalancer') return [`Service ${object.metadata.name}`];
  return [];
}

function alertsOf(object: KubernetesObject): string[] {
  const rules = listOf(specOf(object)['groups']).flatMap((group) => listOf(valueAt(group, 'rules')));
  return rules.flatMap((rule) => {
    const alert = valueAt(rule, 'alert');
    return typeof alert === 'string' ? [alert] : [];
  });
}

function text(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '?';
}

function list(entries: readonly string[]): string {
  return [...new Set(entries)].sort().join('<br>');
}
