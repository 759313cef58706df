import { type Step, pathText } from '../diff/paths';
import { type Json, type JsonMap, type KubernetesObject, isMap, listOf, textOf, valueAt } from '../kubernetesObject';

/** A field that someone set in addition to those of the owner of an object. */
export interface AddedField {
  /** As {@link pathText} writes it; the topmost field that the owner does not set. */
  path: string;
  found: Json;
  /** Who set it, as the API server recorded it. */
  manager: string;
}

// They default, scale or install: what they set is not the work of a person.
const controllers =
  /^(kube-(controller-manager|scheduler|apiserver)|kubelet|k3s|helm|Helm|(helm|kustomize|source|notification|image-automation|image-reflector)-controller|gotk-.*|flux-operator)$/;
// Flux takes over what these set, and with that takes it away: https://fluxcd.io/flux/faq/
const fluxTakesOver = /^(kubectl|before-first-apply)/;
/** Filled in by controllers of certificates, in the objects of others. */
const injected = new Set(['caBundle']);

type FieldSet = JsonMap;

interface Entry {
  manager: string;
  operation: string;
  subresource: string;
  fields: FieldSet;
}

/**
 * The fields of an object that someone added by hand: not set by its owner, so no apply of the owner would change them, and not
 * set by a controller either. A controller is recognized by its name, or because it also writes the object's status. What people
 * declare by server-side apply as managers of their own is theirs; labels and annotations of others too, unless Flux would take
 * them away.
 * @param wanted what the owner applies
 * @param owner `kustomize-controller` takes over what kubectl sets; `helm-controller` does not
 */
export function addedFields(
  live: KubernetesObject,
  wanted: KubernetesObject,
  owner: 'kustomize-controller' | 'helm-controller',
): AddedField[] {
  const entries = entriesOf(live);
  const statusWriters = new Set(
    entries.filter(({ subresource }) => subresource === 'status').map(({ manager }) => manager),
  );
  const isTaken = ({ manager }: Entry): boolean => owner === 'kustomize-controller' && fluxTakesOver.test(manager);
  const isByHand = (entry: Entry): boolean =>
    entry.subresource === '' &&
    (isTaken(entry) ||
      (entry.operation === 'Update' && !controllers.test(entry.manager) && !statusWriters.has(entry.manager)));
  const others = entries.filter((entry) => !isByHand(entry)).map(({ fields }) => fields);
  const found = entries.filter(isByHand).flatMap((entry): AddedField[] => {
    const { ['f:status']: _status, ['f:metadata']: metadata, ...fields } = entry.fields;
    const considered = isTaken(entry) ? { ...fields, 'f:metadata': labelsOf(metadata) } : fields;
    return walk(considered, { wanted: withMaps(wanted), live, others }, []).map((field) => ({
      ...field,
      manager: entry.manager,
    }));
  });
  return [...new Map(found.map((field) => [field.path, field])).values()].filter(
    ({ path }) => !isFilledIn(wanted, path),
  );
}

/** Whether a field is the content of a Secret or a ConfigMap that its owner makes empty, for a controller to fill. */
function isFilledIn(wanted: KubernetesObject, path: string): boolean {
  return ['Secret', 'ConfigMap'].includes(wanted.kind) && ['data', 'binaryData'].includes(path);
}

/** Who owns the value at a field of an object, as the API server recorded it, and since when. */
export function ownerOfField(
  object: KubernetesObject,
  ...path: string[]
): { manager: string; since?: string } | undefined {
  for (const entry of listOf(valueAt(object.metadata, 'managedFields'))) {
    const fields = valueAt(entry, 'fieldsV1', ...path.map((key) => `f:${key}`));
    if (fields === undefined) continue;
    const since = textOf(valueAt(entry, 'time'));
    return { manager: textOf(valueAt(entry, 'manager')), ...(since !== '' && { since }) };
  }
  return undefined;
}

/** Each label and annotation is a field of its own, also where the owner sets none. */
function withMaps(object: KubernetesObject): KubernetesObject {
  return { ...object, metadata: { labels: {}, annotations: {}, ...object.metadata } };
}

function entriesOf({ metadata }: KubernetesObject): Entry[] {
  return listOf(metadata['managedFields']).map((entry) => {
    const fields = valueAt(entry, 'fieldsV1');
    return {
      manager: textOf(valueAt(entry, 'manager')),
      operation: textOf(valueAt(entry, 'operation')),
      subresource: textOf(valueAt(entry, 'subresource')),
      fields: isMap(fields) ? fields : {},
    };
  });
}

function labelsOf(metadata: Json | undefined): FieldSet {
  const annotations = valueAt(metadata, 'f:annotations');
  const { ['f:kubectl.kubernetes.io/last-applied-configuration']: _applied, ...rest } = isMap(annotations)
    ? annotations
    : {};
  const labels = valueAt(metadata, 'f:labels');
  return { ...(isMap(labels) && { 'f:labels': labels }), ...(isMap(annotations) && { 'f:annotations': rest }) };
}

interface Place {
  wanted: Json | undefined;
  live: Json | undefined;
  /** What managers other than people own at this place. */
  others: readonly FieldSet[];
}

/** The topmost fields of a set that are live, not wanted, and of no other manager. */
function walk(fields: FieldSet, { wanted, live, others }: Place, path: readonly Step[]): Omit<AddedField, 'manager'>[] {
  return Object.entries(fields).flatMap(([key, below]) => {
    const step = stepOf(key, live, wanted);
    if (step === undefined || step.live === undefined || isInjected(step.step)) return [];
    const sets = isMap(below) ? below : {};
    const isLeaf = Object.keys(sets).every((name) => name === '.');
    const here = [...path, ...(step.step === undefined ? [] : [step.step])];
    const same = others.flatMap((other) => (isMap(other[key]) ? [other[key]] : []));
    if (step.wanted === undefined && same.length === 0) return [{ path: pathText(here), found: step.live }];
    if (isLeaf) return [];
    return walk(sets, { wanted: step.wanted, live: step.live, others: same }, here);
  });
}

function isInjected(step: Step | undefined): boolean {
  return typeof step === 'string' && injected.has(step);
}

/** What a key of a field set stands for: `f:` a field, `k:` an item of a list by its keys, `v:` an item of a set. */
function stepOf(
  key: string,
  live: Json | undefined,
  wanted: Json | undefined,
): { step?: Step; live: Json | undefined; wanted: Json | undefined } | undefined {
  if (key.startsWith('f:')) {
    const name = key.slice(2);
    return { step: name, live: valueAt(live, name), wanted: valueAt(wanted, name) };
  }
  if (key.startsWith('k:')) {
    const keys = JSON.parse(key.slice(2)) as JsonMap;
    const [first] = Object.entries(keys);
    if (first === undefined) return undefined;
    const [name, value] = first;
    // Kubernetes fills in some keys, such as the protocol of a port.
    const matches = (item: Json): boolean =>
      isMap(item) && item[name] === value && Object.entries(keys).every(([field, is]) => (item[field] ?? is) === is);
    const step = { key: name, value: value as string | number | boolean };
    return { step, live: listOf(live).find(matches), wanted: listOf(wanted).find(matches) };
  }
  if (key.startsWith('v:')) {
    const value = JSON.parse(key.slice(2)) as Json;
    const within = (list: Json | undefined): Json | undefined => listOf(list).find((item) => item === value);
    return { live: within(live), wanted: within(wanted) };
  }
  return undefined;
}
