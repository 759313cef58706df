import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { readFleet } from '../../gitops/generate/readFleet';
import { writersText } from '../../gitops/generate/writers';
import { storingCluster } from '../../gitops/generate/fleet';
import { listClusters } from '../../gitops/clusterSettings';
import { type KubernetesObject, textOf, valueAt } from '../../gitops/kubernetesObject';
import { renderCluster } from '../../gitops/render/renderCluster';
import type { ClusterObjects, Item } from '../../lab/observability/objects';

/** The checkout. */
export const root = path.join(__dirname, '..', '..');

const kustomizations = ['metrics-store', 'metrics-store-generated', 'alert-rules', 'metrics-agent', 'flux-monitoring'];

const kinds: Readonly<Record<keyof ClusterObjects, string>> = {
  vmAgents: 'VMAgent',
  vmAuths: 'VMAuth',
  vmUsers: 'VMUser',
  vmAlerts: 'VMAlert',
  vmRules: 'VMRule',
  vmAlertmanagers: 'VMAlertmanager',
  vmAlertmanagerConfigs: 'VMAlertmanagerConfig',
  vmClusters: 'VMCluster',
  serviceScrapes: 'VMServiceScrape',
  podScrapes: 'VMPodScrape',
  nodeScrapes: 'VMNodeScrape',
  serviceMonitors: 'ServiceMonitor',
  podMonitors: 'PodMonitor',
  certificates: 'Certificate',
  issuers: 'Issuer',
};

/** The fleet of the checkout; the first of these stores. */
const fleet = readFleet(root);
export const storing = storingCluster(fleet)?.name ?? '';
export const clusters = [storing, ...listClusters(root).filter((name) => name !== storing)];

/** The objects of a cluster as Flux applies them, by kind. */
export function objectsOf(cluster: string): ClusterObjects {
  const objects = renderCluster(root, cluster, kustomizations).objects.map(({ object }) => object);
  return byKind(cluster === storing ? [...objects, ...everyWriter(objects)] : objects);
}

function byKind(objects: readonly KubernetesObject[]): ClusterObjects {
  return Object.fromEntries(
    Object.entries(kinds).map(([key, kind]) => [key, objects.filter((one) => one.kind === kind)]),
  ) as unknown as ClusterObjects;
}

/** The users that a fleet has whose clusters send everything, and that this one lacks. */
function everyWriter(objects: readonly KubernetesObject[]): KubernetesObject[] {
  const full = fleet.map(({ name, systems }) => ({ name, systems: new Set([...systems, 'logs', 'logs-store']) }));
  const text = writersText(full, full.find(({ name }) => name === storing) ?? { name: '', systems: new Set() });
  return parseAllDocuments(text)
    .map((document) => document.toJS() as KubernetesObject)
    .filter(({ kind }) => kind === 'VMUser')
    .map((user) => ({ ...user, metadata: { ...user.metadata, namespace: 'observability' } }))
    .filter(({ metadata }) => !objects.some((one) => one.kind === 'VMUser' && one.metadata.name === metadata.name));
}

/** The password that the tests give to a Secret's key. */
export const passwordOf = (name: string, key: string): string => `password of ${name} ${key}`;

/** The configuration of Fluent Bit on a cluster, whether it lists the logs or not. */
export function fluentBitConfig(cluster: string): string {
  const file = path.join(root, 'kubernetes/infrastructure/observability/fluent-bit/helmrelease.yaml');
  const release = parse(fs.readFileSync(file, 'utf8')) as KubernetesObject;
  const text = textOf(valueAt(release, 'spec', 'values', 'config', 'extraFiles', 'fluent-bit.yaml'));
  return text.replaceAll(/(?<!\$)\$\{CLUSTER\}/g, cluster).replaceAll('$${', '${');
}

/** A pod as the API server has it. */
export function pod(namespace: string, name: string, labels: Record<string, string>, port: object): Item {
  return {
    metadata: { namespace, name, labels },
    spec: { nodeName: 'node-1', containers: [{ name: 'manager', ports: [{ protocol: 'TCP', ...port }] }] },
    status: {
      phase: 'Running',
      podIP: '10.244.0.7',
      hostIP: '10.25.11.11',
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
}
