import { specialSecretSig, specialSigKey, unknownValue } from '@pulumi/pulumi/runtime/rpc';

/** A value in a property bag, in the engine's encoding: JSON with wrapped secrets and a marker for unknown values. */
export type Property = null | boolean | number | string | Property[] | { [key: string]: Property | undefined };
/** A property bag: the inputs or outputs of a resource. */
export type Properties = { [key: string]: Property | undefined };

/** Whether a value is a map, not a list or null. */
export function isMap(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is wrapped as a secret. */
export function isSecret(value: unknown): value is { value: Property } & Properties {
  return isMap(value) && value[specialSigKey] === specialSecretSig;
}

/** A value wrapped as a secret in the engine's encoding. */
export function secret(value: Property): Properties {
  return isSecret(value) ? value : { [specialSigKey]: specialSecretSig, value };
}

/** The value without secret wrappers and without null or undefined map entries. */
export function plain(value: Property | undefined): Property {
  if (value === undefined) return null;
  if (isSecret(value)) return plain(value.value);
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (!isMap(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, plain(item)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== null));
}

/** Whether the value contains an unknown value, as in a preview before a dependency exists. */
export function hasUnknown(value: Property | undefined): boolean {
  if (value === unknownValue) return true;
  if (Array.isArray(value)) return value.some((item) => hasUnknown(item));
  return isMap(value) && Object.values(value).some((item) => hasUnknown(item));
}

/** The plain `target` with the values wrapped that are secrets at the same path in `source`. */
export function markSecrets(target: Property, source: Property | undefined): Property {
  if (isSecret(source)) return secret(target);
  if (Array.isArray(target) && Array.isArray(source))
    return target.map((item, index) => markSecrets(item, source[index]));
  if (!isMap(target) || !isMap(source)) return target;
  return Object.fromEntries(
    Object.entries(target).map(([key, item]) => [key, item === undefined ? item : markSecrets(item, source[key])]),
  );
}

/** Whether two plain values are equal, regardless of the order of map keys. */
export function same(a: Property | undefined, b: Property | undefined): boolean {
  if (isMap(a) && isMap(b)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].every((key) => same(a[key], b[key]));
  }
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => same(item, b[index]));
  return a === b;
}

/** The string at a path of map keys; undefined if there is none. */
export function textAt(value: Property | undefined, ...path: string[]): string | undefined {
  let current: Property | undefined = value;
  for (const key of path) current = isMap(current) ? current[key] : undefined;
  return typeof current === 'string' ? current : undefined;
}
