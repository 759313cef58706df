import { type Json, type KubernetesObject, groupOf, isMap, listOf, specOf, valueAt } from '../kubernetesObject';
import type { ObjectPath } from '../sources';
import type { Check, LookedAt, RawFinding, RawNotChecked } from './check';
import { describeSelector, keysOf, withoutPrefix } from './facts/labelSelectors';
import { selects } from './facts/pods';
import { podsOfNamespace } from './facts/podsOfNamespace';
import { eachObject, findingAt, notCheckedAt } from './finding';

/** A selector of pods in one namespace, and what happens if it selects none. */
interface PodSelector {
  path: ObjectPath;
  selector: Json;
  namespace: string;
  otherwise: string;
}

/** The kinds whose selector is a label selector, by `group/Kind`. */
const labelSelectors: Readonly<Record<string, { field: string; otherwise: string }>> = {
  'policy/PodDisruptionBudget': { field: 'selector', otherwise: 'it protects nothing' },
  'networking.k8s.io/NetworkPolicy': { field: 'podSelector', otherwise: 'it applies to nothing' },
  'cilium.io/CiliumNetworkPolicy': { field: 'endpointSelector', otherwise: 'it applies to nothing' },
  'monitoring.coreos.com/PodMonitor': { field: 'selector', otherwise: 'nothing is scraped' },
};

const optInPrefix = 'k8s-gitops/';

function podSelectorOf(object: KubernetesObject): PodSelector | undefined {
  const spec = specOf(object);
  const { namespace = '' } = object.metadata;
  if (object.kind === 'Service' && groupOf(object) === '') {
    const { selector } = spec;
    if (!isMap(selector) || Object.keys(selector).length === 0 || spec['type'] === 'ExternalName') return undefined;
    const labels = { matchLabels: selector };
    return { path: ['spec', 'selector'], selector: labels, namespace, otherwise: 'it has no endpoints' };
  }
  const known = labelSelectors[`${groupOf(object)}/${object.kind}`];
  const selector = known === undefined ? undefined : spec[known.field];
  // An empty selector selects every pod there is, also later.
  if (known === undefined || !isMap(selector) || keysOf(selector).length === 0) return undefined;
  // A policy for pods that opt in by a label of this platform, now or later.
  if (keysOf(selector).some((key) => key.replace(/^k8s:/, '').startsWith(optInPrefix))) return undefined;
  // Selectors that reach into other namespaces.
  if (spec['namespaceSelector'] !== undefined) {
    const names = listOf(valueAt(spec['namespaceSelector'], 'matchNames'));
    const [only] = names;
    if (names.length !== 1 || typeof only !== 'string') return undefined;
    return { path: ['spec', known.field], selector, namespace: only, otherwise: known.otherwise };
  }
  return { path: ['spec', known.field], selector, namespace, otherwise: known.otherwise };
}

function notOfTemplate(keys: readonly string[]): string | undefined {
  if (keys.some(isGiven)) return 'the label is not from a template';
  return keys.some((key) => madeOnDemand.has(key)) ? 'a controller makes the pods when they are needed' : undefined;
}

/** Labels that Kubernetes or Cilium gives to pods, not their templates. */
const isGiven = (key: string): boolean =>
  /^(reserved:|io\.kubernetes\.|io\.cilium\.|statefulset\.kubernetes\.io\/|batch\.kubernetes\.io\/|apps\.kubernetes\.io\/)|^(pod-template-hash|controller-revision-hash|job-name)$/.test(
    key,
  );

/** Labels of pods that a controller makes when it has something to do: cert-manager's answers to HTTP-01. */
const madeOnDemand = new Set(['acme.cert-manager.io/http01-solver']);

/** A selector of pods that fits none of its namespace. */
export const selectorFitsNoPod: Check = {
  id: 'selector-fits-no-pod',
  severity: 'error',
  set: 'platform',
  why: 'Kubernetes accepts a selector that fits nothing: no error says that the object has no effect.',
  *run(tree): Generator<RawFinding | RawNotChecked | LookedAt> {
    for (const [cluster, object] of eachObject(tree)) {
      const found = podSelectorOf(object.object);
      if (found === undefined) continue;
      yield { places: 1 };
      const { path, namespace, otherwise } = found;
      const selector = withoutPrefix(found.selector);
      const { labels, unknown } = podsOfNamespace(tree, cluster, namespace);
      if (labels.some((pod) => selects(selector, pod))) continue;
      const shown = describeSelector(selector);
      const reason = unknown ?? notOfTemplate(keysOf(selector));
      if (reason !== undefined) {
        yield notCheckedAt(cluster, object, path, reason, `whether a pod of ${namespace} has ${shown}`);
        continue;
      }
      const what = `selects pods with ${shown}, which no workload of namespace ${namespace} has: ${otherwise}`;
      yield findingAt(tree, cluster, object, path, what, "use labels of the workload's template");
    }
  },
};
