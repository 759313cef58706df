import { type Json, type JsonMap, groupOf, identityOf, isMap, valueAt } from '../../kubernetesObject';
import type { ObjectPath } from '../../sources';
import type { TreeCluster, TreeObject } from '../../tree';
import { fixedNamespaces } from './makers';
import {
  type ReferenceRow,
  type ReferenceTarget,
  type Target,
  annotationReferences,
  clusterScopedKinds,
  referenceTable,
  secretParameters,
} from './referenceTable';
import { settingsMaps, settingsOf } from './settings';

/** A reference by name in an object. */
export interface Reference extends Target {
  object: TreeObject;
  /** The path of the name. */
  path: ObjectPath;
  /** The rule that reports it. */
  rule: string;
  /** How it is written, if not as a name. */
  url?: string;
}

/** Fields that hold anything, such as text for others, or objects that are not this one's own. */
const opaque: Readonly<Record<string, readonly string[]>> = {
  'helm.toolkit.fluxcd.io/HelmRelease': ['values', 'postRenderers'],
  'kustomize.toolkit.fluxcd.io/Kustomization': ['patches'],
  'fluxcd.controlplane.io/ResourceSet': ['inputs', 'resources', 'resourcesTemplate', 'steps'],
  'apiextensions.k8s.io/CustomResourceDefinition': ['versions', 'names'],
  '/ConfigMap': ['data', 'binaryData'],
  '/Secret': ['data', 'stringData'],
};

/** Groups whose objects are templates of others. */
const templateGroups: ReadonlySet<string> = new Set(['kyverno.io', 'policies.kyverno.io']);

/** Maps whose keys anybody may choose. */
const freeMaps: ReadonlySet<string> = new Set(['labels', 'annotations', 'matchLabels', 'nodeSelector', 'status']);

interface CompiledRow {
  row: ReferenceRow;
  pattern: RegExp;
}

const separator = '\n';

const compiled: readonly CompiledRow[] = referenceTable.map((row) => ({ row, pattern: compile(row.at) }));

function compile(at: string): RegExp {
  const parts = at.split('.').map((part) => {
    if (part === '**') return `(?:[^${separator}]+${separator})*`;
    return `${part.replaceAll('*', `[^${separator}]*`)}${separator}`;
  });
  return new RegExp(`^${parts.join('')}$`);
}

/** The rows of one kind, by the last field of their path; those whose last field is a pattern are under `*`. */
type KindRows = ReadonlyMap<string, readonly CompiledRow[]>;

const rowsByKind = new Map<string, KindRows>();

function rowsOf(kind: string): KindRows {
  let rows = rowsByKind.get(kind);
  if (rows === undefined) {
    const group = kind.slice(0, kind.lastIndexOf('/'));
    const found = new Map<string, CompiledRow[]>();
    for (const entry of compiled) {
      const { of, at } = entry.row;
      if (of !== '*' && of !== kind && of !== `${group}/*`) continue;
      const last = at.slice(at.lastIndexOf('.') + 1);
      const key = last.includes('*') ? '*' : last;
      found.set(key, [...(found.get(key) ?? []), entry]);
    }
    rows = found;
    rowsByKind.set(kind, rows);
  }
  return rows;
}

/** The row of the table for a field of a kind; undefined if it has none. The path may have list indices. */
export function rowFor(kind: string, path: ObjectPath): ReferenceRow | undefined {
  const rows = rowsOf(kind);
  const last = path.findLast((part) => typeof part === 'string') ?? '';
  const exact = rows.get(String(last));
  const wild = rows.get('*');
  if (exact === undefined && wild === undefined) return undefined;
  let text = '';
  for (const part of path) if (typeof part === 'string') text += part + separator;
  const first = (list: readonly CompiledRow[] = []): CompiledRow | undefined =>
    list.find(({ pattern }) => pattern.test(text));
  const [one, other] = [first(exact), first(wild)];
  if (one === undefined || other === undefined) return (one ?? other)?.row;
  return compiled.indexOf(one) < compiled.indexOf(other) ? one.row : other.row;
}

const cache = new WeakMap<TreeCluster, Reference[]>();

/** Every reference by name in the objects of a cluster, found once. Optional ones and empty names are left out. */
export function referencesOf(cluster: TreeCluster): readonly Reference[] {
  let found = cache.get(cluster);
  if (found === undefined) {
    const fields = cluster.objects
      .filter(({ object }) => !templateGroups.has(groupOf(object)))
      .map((object) => ({ object, leaves: leavesOf(object.object) }));
    found = [
      ...fields.flatMap(({ object, leaves }) => [
        ...find(cluster, object, leaves),
        ...byAnnotation(object),
        ...byParameter(object),
      ]),
      ...urlsOf(cluster, fields),
    ];
    cache.set(cluster, found);
  }
  return found;
}

/** `group/Kind` of an object. */
export function kindOf({ object }: TreeObject): string {
  return `${groupOf(object)}/${object.kind}`;
}

function* find(cluster: TreeCluster, object: TreeObject, leaves: readonly Leaf[]): Generator<Reference> {
  const kind = kindOf(object);
  const skipped = opaque[kind] ?? [];
  for (const { parent, value, path } of leaves) {
    // Directly in the object, or in its spec.
    if (skipped.includes(String(path[0])) || skipped.includes(String(path[1]))) continue;
    const row = rowFor(kind, path);
    if (row?.to === undefined || parent['optional'] === true || !isName(value)) continue;
    if (row.needs !== undefined && parent[row.needs] === undefined) continue;
    const target = targetOf(row.to, parent);
    if (target === undefined) continue;
    const given = row.namespace === undefined ? undefined : parent[row.namespace];
    const fixed = row.fixedNamespace === undefined ? undefined : fixedNamespaces[row.fixedNamespace](cluster);
    const own = row.fixedNamespace === undefined ? object.object.metadata.namespace : fixed;
    const namespace = typeof given === 'string' && given !== '' ? given : own;
    yield {
      object,
      path,
      rule: row.rule ?? 'reference-missing',
      kind: target,
      name: value,
      ...(clusterScopedKinds.has(target) || namespace === undefined ? {} : { namespace }),
    };
  }
}

/** Whether a text can be the name of an object: no pattern, no variable of another program. */
function isName(value: string): boolean {
  return /^[a-z0-9]([-a-z0-9.:]*[a-z0-9])?$/i.test(value);
}

function targetOf(to: ReferenceTarget, parent: JsonMap): string | undefined {
  if (typeof to === 'string') return to;
  const kind = parent[to.kind];
  if (kind === undefined || kind === '') return to.default;
  if (typeof kind !== 'string') return undefined;
  const given = to.group === undefined ? undefined : parent[to.group];
  if (typeof given === 'string' && (given !== '' || to.group !== 'group')) {
    // An apiVersion without a slash is a version of the core group.
    const slash = given.indexOf('/');
    const group = to.group !== 'apiVersion' ? given : slash < 0 ? '' : given.slice(0, slash);
    return `${group}/${kind}`;
  }
  const group = to.kinds?.[kind];
  return group === undefined ? undefined : `${group}/${kind}`;
}

interface Leaf {
  parent: JsonMap;
  value: string;
  path: ObjectPath;
}

/** Every text in an object but its metadata, with the map that it or its list is in. */
function leavesOf(object: JsonMap): Leaf[] {
  const found: Leaf[] = [];
  const visit = (value: Json | undefined, parent: JsonMap, path: ObjectPath): void => {
    if (typeof value === 'string') found.push({ parent, value, path });
    else if (Array.isArray(value)) value.forEach((item, index) => visit(item, parent, [...path, index]));
    else if (isMap(value)) {
      for (const [key, item] of Object.entries(value)) {
        if (freeMaps.has(key)) continue;
        if (path.length > 0 || (key !== 'metadata' && key !== 'status')) visit(item, value, [...path, key]);
      }
    }
  };
  visit(object, object, []);
  return found;
}

function* byAnnotation(object: TreeObject): Generator<Reference> {
  const kind = kindOf(object);
  for (const { of, annotation, to } of annotationReferences) {
    const name = of === kind ? valueAt(object.object.metadata, 'annotations', annotation) : undefined;
    if (typeof name !== 'string' || !isName(name)) continue;
    const namespace = clusterScopedKinds.has(to) ? {} : { namespace: object.object.metadata.namespace };
    yield {
      object,
      path: ['metadata', 'annotations', annotation],
      rule: 'reference-missing',
      kind: to,
      name,
      ...namespace,
    };
  }
}

function* byParameter(object: TreeObject): Generator<Reference> {
  const { parameters } = object.object;
  if (!isMap(parameters) || !secretParameters.of.some((kind) => kind === kindOf(object))) return;
  for (const [key, name] of Object.entries(parameters)) {
    const prefix = secretParameters.name.exec(key)?.[1];
    const namespace = prefix === undefined ? undefined : parameters[secretParameters.namespace(prefix)];
    // A driver may take the name from the claim: ${pvc.name}.
    if (typeof name !== 'string' || typeof namespace !== 'string' || !isName(name) || !isName(namespace)) continue;
    yield { object, path: ['parameters', key], rule: 'reference-missing', kind: '/Secret', namespace, name };
  }
}

const serviceUrl = /\b[a-z][a-z0-9+]*:\/\/(?:[^@\s/"]*@)?([a-z0-9-]+)\.([a-z0-9-]+)\.svc\b/g;

/** Services that texts connect to, as `http://name.namespace.svc`; each once for a field, or for the setting it is from. */
function urlsOf(cluster: TreeCluster, fields: readonly { object: TreeObject; leaves: readonly Leaf[] }[]): Reference[] {
  const settings = settingsMaps(cluster);
  const found = new Map<string, Reference>();
  for (const { object, leaves } of fields) {
    if (object.object.kind === 'CustomResourceDefinition') continue;
    for (const { value, path } of leaves) {
      if (!value.includes('.svc')) continue;
      for (const [url, name = '', namespace = ''] of withoutComments(value).matchAll(serviceUrl)) {
        const host = `${name}.${namespace}.svc`;
        const place = settingWith(settings, object, host) ?? { object, path };
        const reference = { ...place, rule: 'reference-missing', kind: '/Service', namespace, name, url };
        found.set(`${identityOf(place.object.object)} ${place.path.join('.')} ${host}`, reference);
      }
    }
  }
  return [...found.values()];
}

/** The cluster setting that an object has a text from. */
function settingWith(
  settings: readonly TreeObject[],
  { variables }: TreeObject,
  text: string,
): { object: TreeObject; path: ObjectPath } | undefined {
  for (const { name } of variables) {
    const object = settings.find((map) => settingsOf(map)[name]?.includes(text));
    if (object !== undefined) return { object, path: ['data', name] };
  }
  return undefined;
}

function withoutComments(text: string): string {
  return text.replaceAll(/^\s*(#|\/\/).*$/gm, '');
}
