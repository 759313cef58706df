import { chartWorkloadFindings } from '../../../cli/validate/charts/chartWorkloads';
import type { Release } from '../../../cli/validate/charts/release';
import type { RenderedChart } from '../../../cli/validate/charts/renderCharts';
import type { KubernetesObject } from '../../../gitops/kubernetesObject';
import type { TreeObject } from '../../../gitops/tree';
import { cluster, object } from '../../gitops/diff/trees';

const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'main', image: 'x:1' }] } };
const deployment = (name: string): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: { replicas: 2, selector: { matchLabels: { app: 'x' } }, template },
});
const budget = object('PodDisruptionBudget', 'x', {
  apiVersion: 'policy/v1',
  spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'x' } } },
});

function findings(objects: KubernetesObject[], more: Partial<Release> = {}, inGit: TreeObject[] = []) {
  const treeObject = object('HelmRelease', 'app');
  const chart = { url: 'oci://example.org/app', version: '1.0.0' };
  const release = { chart, name: 'app', namespace: 'app', values: {}, valuesFiles: [], keptCrds: [], ...more };
  const rendered: RenderedChart = { cluster: cluster('one', [treeObject, ...inGit]), treeObject, release, objects };
  return chartWorkloadFindings([rendered]);
}

test('one finding per rule, listing the workloads in the namespace of the release', () => {
  const found = findings([deployment('a'), deployment('b')]);
  const requests = found.filter(({ id }) => id === 'chart-workload-without-requests');
  expect(requests).toHaveLength(1);
  expect(requests[0]?.what).toMatch(/^its chart renders Deployment app\/a .*; Deployment app\/b /);
  expect(requests[0]?.todo).toMatch(/set it in the chart's values$/);
});

test('a budget in Git counts for the pods of a chart', () => {
  const missing = (inGit: TreeObject[]) =>
    findings([deployment('a')], {}, inGit).filter(({ id }) => id === 'chart-workload-without-budget');
  expect(missing([]).map(({ what }) => what)).toEqual([
    'its chart renders Deployment app/a runs 2 replicas without a PodDisruptionBudget',
  ]);
  expect(missing([budget])).toEqual([]);
});

test('no finding for what is changed afterwards', () => {
  expect(findings([deployment('a')], { changedAfterwards: 'encrypted' })).toEqual([]);
});
