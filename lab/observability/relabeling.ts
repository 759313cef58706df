import { isMap, type Json, type JsonMap, listOf, textOf, valueAt } from '../../gitops/kubernetesObject';
import type { HostTarget, NodeTarget } from './hostTargets';

/** A relabeling in vmagent's notation. */
export type Relabeling = JsonMap;

/** What label names become: `app.kubernetes.io/name` → `app_kubernetes_io_name`. */
export const labelName = (name: string): string => name.replace(/[^a-zA-Z0-9_]/g, '_');

/** Copies a label into another. */
export const copy = (source: string, target: string): Relabeling => ({ source_labels: [source], target_label: target });

/** Copies a label unless it is empty. */
export const copyUnlessEmpty = (source: string, target: string): Relabeling => ({
  ...copy(source, target),
  regex: '(.+)',
  replacement: '${1}',
});

/** Keeps what has a label with this value. */
export const keep = (source: string, regex: string): Relabeling => ({ action: 'keep', source_labels: [source], regex });

const drop = (source: string, regex: string): Relabeling => ({ action: 'drop', source_labels: [source], regex });

/** A label selector as relabelings: the operator discovers everything and keeps what it selects. */
export function selecting(type: 'service' | 'pod' | 'node', selector: Json | undefined): Relabeling[] {
  const labels = isMap(valueAt(selector, 'matchLabels')) ? (valueAt(selector, 'matchLabels') as JsonMap) : {};
  const exact = Object.keys(labels)
    .sort()
    .map((key) => keep(`__meta_kubernetes_${type}_label_${labelName(key)}`, textOf(labels[key])));
  const expressions = listOf(valueAt(selector, 'matchExpressions')).map((expression) => {
    const key = labelName(textOf(valueAt(expression, 'key')));
    const values = listOf(valueAt(expression, 'values'))
      .map((value) => textOf(value))
      .join('|');
    const operator = textOf(valueAt(expression, 'operator'));
    if (operator === 'In') return keep(`__meta_kubernetes_${type}_label_${key}`, values);
    if (operator === 'NotIn') return drop(`__meta_kubernetes_${type}_label_${key}`, values);
    if (operator === 'Exists') return keep(`__meta_kubernetes_${type}_labelpresent_${key}`, 'true');
    if (operator === 'DoesNotExist') return drop(`__meta_kubernetes_${type}_labelpresent_${key}`, 'true');
    throw new Error(`${operator} is not an operator of label selectors`);
  });
  return [...exact, ...expressions];
}

const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Relabelings as objects have them (`sourceLabels`), in vmagent's notation (`source_labels`). */
export function fromObject(relabelings: Json | undefined): Relabeling[] {
  return listOf(relabelings).flatMap((one) =>
    isMap(one) ? [Object.fromEntries(Object.entries(one).map(([key, value]) => [snake(key), value]))] : [],
  );
}

const quoted = (text: string): string => text.replace(/[.\\]/g, '\\$&');

/**
 * The lab's own last step, which the operator does not make: a target whose program runs on this host is scraped there, with the
 * `instance` of the pod or node; the others are simulated, and left out.
 */
export function toThisHost(pods: readonly HostTarget[], nodes: readonly NodeTarget[]): Relabeling[] {
  return [
    { if: '{instance=""}', ...copy('__address__', 'instance') },
    ...pods.map(({ namespace, pod, port, address }) => ({
      source_labels: ['__meta_kubernetes_namespace', '__meta_kubernetes_pod_name', '__address__'],
      separator: ';',
      regex: `${namespace};${pod};[^;]+:${port}`,
      target_label: '__address__',
      replacement: address,
    })),
    ...nodes.map(({ from, to }) => ({
      source_labels: ['__address__'],
      regex: quoted(from),
      target_label: '__address__',
      replacement: to,
    })),
    keep('__address__', '127\\..+'),
  ];
}
