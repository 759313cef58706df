import { join } from 'node:path';
import { loadTree } from '../../../cli/validate/loadTree';
import { specOf, valueAt } from '../../../gitops/kubernetesObject';
import type { TreeCluster } from '../../../gitops/tree';

const repository = join(__dirname, '..', '..', '..');
let clusters: TreeCluster[];
beforeAll(async () => {
  const all = (await loadTree({ root: repository })).clusters;
  clusters = all.filter(({ kustomizations }) => kustomizations.some(({ name }) => name === 'mesh-echo'));
}, 60_000);

const of = ({ objects }: TreeCluster, wanted: string) =>
  objects
    .filter(({ object: { kind, metadata } }) => kind === wanted && metadata.namespace === 'mesh-echo')
    .map(({ object }) => object);

test('every cluster of the mesh has the same Services, one that stays local and one that does not', () => {
  expect(clusters.length).toBeGreaterThan(1);
  const [first, ...others] = clusters.map((cluster) => of(cluster, 'Service'));
  for (const other of others) expect(other).toEqual(first);
  const annotations = first?.map(({ metadata }) => [metadata.name, valueAt(metadata, 'annotations')]);
  const shared = { 'service.cilium.io/global': 'true', 'service.cilium.io/shared': 'true' };
  expect(annotations).toEqual([
    ['echo', { ...shared, 'service.cilium.io/affinity': 'local' }],
    ['echo-remote', { ...shared, 'service.cilium.io/affinity': 'remote' }],
  ]);
});

test('its policy names the pods of every cluster, and its certificate every Service', () => {
  for (const cluster of clusters) {
    const policy = of(cluster, 'CiliumNetworkPolicy').find(({ metadata }) => metadata.name === 'echo');
    const anywhere = /"key":"k8s:io\.cilium\.k8s\.policy\.cluster","operator":"Exists"/;
    for (const direction of ['ingress', 'egress'])
      expect(JSON.stringify(policy && specOf(policy)[direction])).toMatch(anywhere);
    const [certificate] = of(cluster, 'Certificate');
    expect(certificate && specOf(certificate)['dnsNames']).toEqual(
      of(cluster, 'Service').map(({ metadata }) => `${metadata.name}.mesh-echo.svc.cluster.local`),
    );
  }
});

test('each answers with the name of its cluster', () => {
  for (const cluster of clusters) {
    expect(JSON.stringify(of(cluster, 'Deployment'))).toContain(
      `"name":"PODINFO_UI_MESSAGE","value":"${cluster.name}"`,
    );
  }
});
