import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { defineCluster } from '../../cluster/defineCluster';
import { metricsSystem } from '../../cluster/systemNames';
import { controlPlanePatch, etcdMetricsPort } from '../../cluster/talos/controlPlanePatch';
import { baseInput } from './fixtures';

const root = join(__dirname, '..', '..');
const listening = { set: { 'systems.metrics-agent': {} } };

/** What the patch of control planes says about the components that have metrics. */
function componentsOf(changes: Parameters<typeof baseInput>[0], nodeCidrs?: string[]): object {
  const definition = defineCluster(baseInput(changes));
  const cidrs = nodeCidrs === undefined ? definition.cidrs : { ...definition.cidrs, node: nodeCidrs };
  const { cluster } = controlPlanePatch({ ...definition, cidrs }) as {
    cluster: Record<string, { extraArgs?: object }>;
  };
  const { etcd, controllerManager, scheduler } = cluster;
  return { etcd: etcd?.extraArgs, controllerManager: controllerManager?.extraArgs, scheduler: scheduler?.extraArgs };
}

test('on a cluster that collects metrics, the components of control planes listen for vmagent', () => {
  expect(componentsOf(listening)).toEqual({
    etcd: { 'listen-metrics-urls': 'http://0.0.0.0:2381' },
    controllerManager: { 'bind-address': '0.0.0.0' },
    scheduler: { 'bind-address': '0.0.0.0' },
  });
});

test('where nodes have no IPv4 address, they listen on IPv6', () => {
  expect(componentsOf(listening, ['fd00::/64'])).toEqual({
    etcd: { 'listen-metrics-urls': 'http://[::]:2381' },
    controllerManager: { 'bind-address': '::' },
    scheduler: { 'bind-address': '::' },
  });
});

test('on another cluster they stay as Talos has them', () => {
  expect(defineCluster(baseInput())).not.toHaveProperty('scrapesControlPlane');
  expect(componentsOf({})).toEqual({ etcd: undefined, controllerManager: undefined, scheduler: undefined });
});

test('the system that decides it exists, and scrapes these ports', () => {
  const documents = (file: string) =>
    parseAllDocuments(readFileSync(join(root, file), 'utf8')).map(
      (document) => document.toJS() as { metadata: { name: string }; spec: { port?: string } },
    );
  expect(documents('kubernetes/systems/metrics/ks.yaml').map(({ metadata }) => metadata.name)).toContain(metricsSystem);
  const scrapes = documents('kubernetes/infrastructure/observability/metrics-agent/vmnodescrape.yaml');
  const ports = Object.fromEntries(
    scrapes.flatMap(({ metadata, spec }) => (spec.port ? [[metadata.name, spec.port]] : [])),
  );
  expect(ports).toEqual({
    etcd: String(etcdMetricsPort),
    'kube-controller-manager': '10257',
    'kube-scheduler': '10259',
  });
});
