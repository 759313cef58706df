import { isDeepStrictEqual } from 'node:util';
import { isMap, type Json, type JsonMap } from '../../../gitops/kubernetesObject';
import { isZero, typeForm, type FieldType, type Value } from './values';

/**
 * Merges a value of a patch into a value of a configuration, by the rules of the Talos library (config/merge/merge.go): maps and
 * structs merge, lists are appended, and nothing, an empty text or 0 changes nothing, unless a pointer leads to it.
 * @returns what the configuration has then; the arguments stay as they are
 * @throws Error where the library refuses to merge
 */
export function merge(type: string, left: Value, right: Value, replace = false, overwrite = false): Value {
  const custom = mergers[type];
  if (custom !== undefined) return custom(left, right);
  const own = typeForm(type);
  switch (own.form) {
    case 'pointer':
      if (right === undefined || right === null) return left;
      if (left === undefined || left === null) return right;
      return merge(own.of, left, right, replace, true);
    case 'list':
      if (right === undefined || right === null) return left;
      return replace ? right : [...asList(left), ...asList(right)];
    case 'map':
      if (right === undefined || right === null) return left;
      return replace ? right : mergeMaps(own.of, asMap(left), asMap(right));
    case 'struct':
      if (replace) return isZero(type, right) ? left : right;
      return mergeStructs(own.fields, asMap(left), asMap(right));
    case 'scalar':
      // A `bool` is taken from the patch also if that does not say it.
      if (own.name !== 'bool' && isZero(type, right) && !overwrite) return left;
      return right;
  }
}

function mergeStructs(fields: readonly FieldType[], left: JsonMap, right: JsonMap): JsonMap {
  return Object.fromEntries(
    fields.flatMap(({ key, type, replace }): [string, Json][] => {
      const merged = merge(type, left[key], right[key], replace);
      return merged === undefined ? [] : [[key, merged]];
    }),
  );
}

function mergeMaps(type: string, left: JsonMap, right: JsonMap): JsonMap {
  const merged = { ...left };
  for (const [key, item] of Object.entries(right)) {
    const before = left[key];
    if (before === undefined || before === null) merged[key] = item;
    else merged[key] = type === 'any' ? mergeAny(before, item ?? null, key) : merge(type, before, item);
  }
  return merged;
}

/** Values without a type of their own, as below `machine.pods`. */
function mergeAny(left: Json, right: Json, key: string): Json {
  if (isMap(left) && isMap(right)) return mergeMaps('any', left, right);
  if (Array.isArray(left) && Array.isArray(right)) return [...left, ...right];
  if (kindOf(left) !== kindOf(right)) {
    throw new Error(`${key}: found ${kindOf(right)}, expected ${kindOf(left)}, as it was before the patch`);
  }
  return right === '' || right === 0 ? left : right;
}

function kindOf(value: Json): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a fraction';
  return { object: 'a map', string: 'a text', boolean: 'true or false' }[
    typeof value as 'object' | 'string' | 'boolean'
  ];
}

/** The types that the library merges in a way of their own. */
const mergers: Readonly<Record<string, (left: Value, right: Value) => Value>> = {
  'cel.Expression': (_, right) => right,
  'block.ByteSize': (_, right) => right,
  'block.PercentageSize': (_, right) => right,
  // One of the two above; of both, the library writes the bytes.
  'block.Size': (left, right) =>
    isZero('text', right) || (isPercentage(right) && !isPercentage(left)) ? (left ?? right) : right,
  'v1alpha1.Args': (left, right) =>
    right === undefined || right === null ? left : { ...asMap(left), ...asMap(right) },
  'extensions.ConfigFileList': itemsBy('extensions.ConfigFile', (a, b) => a['mountPath'] === b['mountPath']),
  'v1alpha1.AdmissionPluginConfigList': itemsBy('v1alpha1.AdmissionPluginConfig', (a, b) => a['name'] === b['name']),
  'v1alpha1.VlanList': itemsBy('v1alpha1.Vlan', (a, b) => a['vlanId'] === b['vlanId']),
  'v1alpha1.NetworkDeviceList': itemsBy('v1alpha1.Device', isSameDevice),
  'security.ImageVerificationRules': (left, right) => {
    const rules = asList(left);
    const added = asList(right).filter((rule) => {
      const index = asList(left).findLastIndex(
        (other) => isMap(other) && isMap(rule) && other['image'] === rule['image'],
      );
      if (index >= 0) rules[index] = rule;
      return index < 0;
    });
    return right === undefined && left === undefined ? undefined : [...rules, ...added];
  },
};

/** The names of {@link mergers}, for the test that none is missing. */
export const mergerNames: readonly string[] = Object.keys(mergers);

function isPercentage(value: Value): boolean {
  return typeof value === 'string' && value.includes('%');
}

/** By name, or by the selector if the patch has no name. */
function isSameDevice(device: JsonMap, wanted: JsonMap): boolean {
  if (!isZero('string', wanted['interface'])) return device['interface'] === wanted['interface'];
  const selector = wanted['deviceSelector'];
  // The library compares `physical` by its address, so two selectors that say it are never the same.
  if (!isMap(selector) || selector['physical'] !== undefined) return false;
  return isDeepStrictEqual(device['deviceSelector'], selector);
}

/** Merges each item of the patch into the item that is the same, and appends it if there is none. */
function itemsBy(type: string, isSame: (item: JsonMap, wanted: JsonMap) => boolean) {
  return (left: Value, right: Value): Value => {
    if (left === undefined && right === undefined) return undefined;
    const items = asList(left);
    for (const wanted of asList(right).filter(isMap)) {
      const index = items.findIndex((item) => isMap(item) && isSame(item, wanted));
      if (index < 0) items.push(wanted);
      else items[index] = merge(type, items[index], wanted) ?? null;
    }
    return items;
  };
}

function asList(value: Value): Json[] {
  return Array.isArray(value) ? [...value] : [];
}

function asMap(value: Value): JsonMap {
  return isMap(value) ? value : {};
}
