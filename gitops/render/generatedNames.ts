import { createHash } from 'node:crypto';
import { type BuiltObject, type Json, type JsonMap, describeObject, isMap, listOf, valueAt } from '../kubernetesObject';
import { ManifestError } from '../manifestError';

/** Where the kinds that run pods have the pod's specification. */
const podSpecs: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  ...Object.fromEntries(
    ['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet', 'Job'].map((kind) => [kind, ['spec', 'template', 'spec']]),
  ),
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
};
/** Kinds whose other references kustomize follows, and this program does not. */
const otherReferrers = ['PodTemplate', 'Node', 'Role', 'ClusterRole', 'Ingress'];

/**
 * Gives the generated ConfigMaps their names, which end in a hash of their content, and corrects the references to them, as
 * kustomize does. Throws a ManifestError for a reference in a kind that is not supported.
 */
export function nameGenerated(objects: readonly BuiltObject[], generated: ReadonlySet<BuiltObject>): void {
  const problems: string[] = [];
  for (const built of objects.filter((object) => generated.has(object))) {
    const { object, origins } = built;
    const { name, namespace = 'default' } = object.metadata;
    object.metadata.name = `${name}-${contentHash(object)}`;
    for (const { object: referrer } of objects) {
      if (otherReferrers.includes(referrer.kind) && JSON.stringify(referrer).includes(JSON.stringify(name))) {
        const what = `a generated ConfigMap that ${describeObject(referrer)} names is not supported`;
        problems.push(`${origins[0].file}:${origins[0].line}: ${what}; set disableNameSuffixHash`);
      }
      const podSpec = podSpecs[referrer.kind];
      if (podSpec === undefined || (referrer.metadata.namespace ?? 'default') !== namespace) continue;
      for (const reference of configMapReferences(valueAt(referrer, ...podSpec))) {
        if (reference['name'] === name) reference['name'] = object.metadata.name;
      }
    }
  }
  if (problems.length > 0) throw new ManifestError(problems);
}

/** The references to ConfigMaps in a pod's specification. */
function configMapReferences(podSpec: Json | undefined): JsonMap[] {
  const volumes = listOf(valueAt(podSpec, 'volumes'));
  const containers = ['containers', 'initContainers'].flatMap((field) => listOf(valueAt(podSpec, field)));
  const found = [
    ...volumes.map((volume) => valueAt(volume, 'configMap')),
    ...volumes
      .flatMap((volume) => listOf(valueAt(volume, 'projected', 'sources')))
      .map((source) => valueAt(source, 'configMap')),
    ...containers
      .flatMap((container) => listOf(valueAt(container, 'env')))
      .map((variable) => valueAt(variable, 'valueFrom', 'configMapKeyRef')),
    ...containers
      .flatMap((container) => listOf(valueAt(container, 'envFrom')))
      .map((from) => valueAt(from, 'configMapRef')),
  ];
  return found.filter(isMap);
}

/** Kustomize's hash of a ConfigMap: ten characters of the SHA-256 of its data as Go writes them in JSON, without the name. */
function contentHash(content: BuiltObject['object']): string {
  const data = Object.entries(isMap(content['data']) ? content['data'] : {});
  const sorted = data.toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const entries = sorted.map(([key, value]) => `${goJson(key)}:${goJson(value)}`).join();
  const json = `{"data":${sorted.length === 0 ? '""' : `{${entries}}`},"kind":"ConfigMap","name":""}`;
  const letters: Record<string, string> = { 0: 'g', 1: 'h', 3: 'k', a: 'm', e: 't' };
  return createHash('sha256')
    .update(json)
    .digest('hex')
    .slice(0, 10)
    .replaceAll(/[013ae]/g, (digit) => letters[digit] ?? digit);
}

/** JSON as Go's encoder writes it, which escapes what HTML and JavaScript would misread. */
function goJson(value: unknown): string {
  const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replaceAll(/[<>&\u2028\u2029]/g, escaped);
}
