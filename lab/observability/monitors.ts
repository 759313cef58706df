import { isMap, type Json, type JsonMap, listOf, textOf, valueAt } from '../../gitops/kubernetesObject';
import type { ClusterObjects, Item } from './objects';

// What VictoriaMetrics operator 0.63 converts monitors of the Prometheus operator to (internal/controller/operator/converter/apis.go):
// the same fields by other names.

/** A VMServiceScrape or VMPodScrape, or the same made of a ServiceMonitor or PodMonitor. */
export interface Monitor {
  kind: 'serviceScrape' | 'podScrape';
  namespace: string;
  name: string;
  jobLabel: string;
  selector: Json | undefined;
  namespaceSelector: Json | undefined;
  targetLabels: string[];
  podTargetLabels: string[];
  endpoints: JsonMap[];
}

const renamed: Readonly<Record<string, string>> = {
  relabelings: 'relabelConfigs',
  metricRelabelings: 'metricRelabelConfigs',
};

/** All monitors of a cluster: the operator's own, and those converted. One of its own has precedence over one of the same name. */
export function monitorsOf(objects: ClusterObjects): Monitor[] {
  const services = [
    ...objects.serviceScrapes.map((item) => monitor('serviceScrape', item, item.spec?.['endpoints'])),
    ...objects.serviceMonitors.map((item) => monitor('serviceScrape', item, item.spec?.['endpoints'])),
  ];
  const pods = [
    ...objects.podScrapes.map((item) => monitor('podScrape', item, item.spec?.['podMetricsEndpoints'])),
    ...objects.podMonitors.map((item) => monitor('podScrape', item, item.spec?.['podMetricsEndpoints'])),
  ];
  return [firstOfEachName(services), firstOfEachName(pods)].flat();
}

function firstOfEachName(monitors: readonly Monitor[]): Monitor[] {
  const key = ({ namespace, name }: Monitor): string => `${namespace}/${name}`;
  return monitors.filter((one, at) => monitors.findIndex((other) => key(other) === key(one)) === at);
}

function monitor(kind: Monitor['kind'], { metadata, spec }: Item, endpoints: Json | undefined): Monitor {
  const texts = (key: string): string[] => listOf(spec?.[key]).map((value) => textOf(value));
  return {
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    jobLabel: textOf(spec?.['jobLabel']),
    selector: spec?.['selector'],
    namespaceSelector: spec?.['namespaceSelector'],
    targetLabels: texts('targetLabels'),
    podTargetLabels: texts('podTargetLabels'),
    endpoints: listOf(endpoints).flatMap((endpoint) => (isMap(endpoint) ? [converted(endpoint)] : [])),
  };
}

function converted(endpoint: JsonMap): JsonMap {
  return Object.fromEntries(Object.entries(endpoint).map(([key, value]) => [renamed[key] ?? key, value]));
}

/** The namespaces that a monitor's pods or Services are in; empty for all. */
export function namespacesOf({ namespace, namespaceSelector }: Monitor): string[] {
  if (valueAt(namespaceSelector, 'any') === true) return [];
  const names = listOf(valueAt(namespaceSelector, 'matchNames')).map((name) => textOf(name));
  return names.length === 0 ? [namespace] : names;
}
