import { join } from 'node:path';
import { loadTree } from '../../../cli/validate/loadTree';
import { tenantsOf } from '../../../gitops/checks/facts/tenants';
import { describeObject, type KubernetesObject } from '../../../gitops/kubernetesObject';
import type { TreeCluster } from '../../../gitops/tree';

const repository = join(__dirname, '..', '..', '..');
let clusters: TreeCluster[];
beforeAll(async () => {
  clusters = (await loadTree({ root: repository })).clusters.filter((cluster) => tenantsOf(cluster).size > 0);
}, 60_000);

/** What the environments of a team may differ in, besides what follows from the namespace. */
const mayDiffer = [/^Deployment \S+ spec\.replicas$/, /^Deployment \S+ spec\.template\.spec\.containers\.\d+\.image$/];

/** What a namespace consists of, with its name and environment taken out, by object and field. */
function fieldsOf(cluster: TreeCluster, namespace: string, environment: string) {
  const found = new Map<string, unknown>();
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) found.set(path, value);
    else
      for (const [key, item] of Object.entries(value))
        visit(item, path.endsWith(' ') ? `${path}${key}` : `${path}.${key}`);
  };
  const isOf = ({ metadata }: KubernetesObject): boolean =>
    metadata.namespace === namespace || (metadata.namespace === undefined && metadata.name === namespace);
  for (const { object } of cluster.objects) {
    if (!isOf(object)) continue;
    const text = JSON.stringify(object)
      .replaceAll(namespace, 'NAMESPACE')
      .replaceAll(`/envs/${environment}"`, '/envs/ENVIRONMENT"')
      .replaceAll(`"k8s-gitops/environment":"${environment}"`, '"k8s-gitops/environment":"ENVIRONMENT"');
    const general = JSON.parse(text) as KubernetesObject;
    visit(general, `${describeObject(general)} `);
  }
  return found;
}

test('the environments of a team differ only in replicas, tags and what follows from the namespace', () => {
  expect(clusters.length).toBeGreaterThan(0);
  for (const cluster of clusters) {
    const namespaces = [...tenantsOf(cluster).values()];
    for (const team of new Set(namespaces.map((one) => one.team))) {
      const own = namespaces.filter((one) => one.team === team);
      const [first, ...others] = own.map(({ name, environment }) => fieldsOf(cluster, name, environment));
      if (first === undefined) throw new Error(`${team} has no namespace`);
      expect(first.size).toBeGreaterThan(50);
      for (const other of others) {
        const different = [...new Set([...first.keys(), ...other.keys()])].filter(
          (key) => first.get(key) !== other.get(key),
        );
        expect([team, different.filter((key) => !mayDiffer.some((allowed) => allowed.test(key)))]).toEqual([team, []]);
      }
    }
  }
});

test('production runs a tag that another environment runs or has run, never a newer one', () => {
  for (const cluster of clusters) {
    const tagOf = (namespace: string): string[] =>
      cluster.objects.flatMap(({ object }) =>
        object.kind === 'Deployment' && object.metadata.namespace === namespace
          ? [...JSON.stringify(object).matchAll(/"image":"([^"]+)"/g)].map(([, image = '']) => image)
          : [],
      );
    for (const { name, team, environment } of tenantsOf(cluster).values()) {
      if (environment !== 'prod') continue;
      const newest = [...tagOf(`${team}-stg`), ...tagOf(name)].sort((one, other) =>
        one.localeCompare(other, 'en', { numeric: true }),
      );
      expect(newest.at(-1)).toBe(tagOf(`${team}-stg`)[0] ?? newest.at(-1));
    }
  }
});

test("a tenant's account may not write what limits the tenant", () => {
  const [cluster] = clusters;
  const role = cluster?.objects.find(
    ({ object }) => object.kind === 'ClusterRole' && object.metadata.name === 'tenant-deployer',
  );
  const text = JSON.stringify(role?.object['rules']);
  expect(text).not.toMatch(
    /"\*"|quotas|limitranges|networkpolicies|roles|rolebindings|kustomizations|namespaces|escalate|impersonate/,
  );
});
