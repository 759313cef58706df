import { specialOutputValueSig, specialSecretSig, specialSigKey, unknownValue } from '@pulumi/pulumi/runtime/rpc';

/** Stands for a value that is not known until `up`. */
export const UNKNOWN: unique symbol = Symbol('unknown until up');

/**
 * The engine's markers for unknown values, one per type: string, boolean, number, array, object. The SDK exports only
 * the first.
 */
const unknownMarkers = new Set([
  unknownValue,
  '1c4a061d-8072-4f0a-a4cb-0ff528b18fe7',
  '3eeb2bf0-c639-47a8-9e75-3b44932eb421',
  '6a19a0b0-7e62-4c92-b797-7f8e31da9cc2',
  'dd056dcd-154b-4c76-9bd3-c8f88648b5ff',
]);

/** A property bag in the wire format of the engine. */
export type WireObject = Record<string, unknown>;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The plain value: secrets unwrapped at every depth, UNKNOWN for values that the engine does not know yet. */
export function unwrap(value: unknown): unknown {
  if (typeof value === 'string') return unknownMarkers.has(value) ? UNKNOWN : value;
  if (Array.isArray(value)) return value.map(unwrap);
  if (!isObject(value)) return value;
  if (value[specialSigKey] === specialSecretSig) return unwrap(value.value);
  if (value[specialSigKey] === specialOutputValueSig) return 'value' in value ? unwrap(value.value) : UNKNOWN;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unwrap(item)]));
}

/** Whether a plain value is UNKNOWN or contains it at any depth. */
export function containsUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(containsUnknown);
  return isObject(value) && Object.values(value).some(containsUnknown);
}

/** Whether a wire value is a secret or contains one at any depth. */
export function containsSecret(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(containsSecret);
  if (!isObject(value)) return false;
  return value[specialSigKey] === specialSecretSig || Object.values(value).some(containsSecret);
}

/**
 * A secret in wire format. The engine rejects the result of `pulumi.secret`, and a plain value would be stored
 * readable.
 */
export function wrapSecret(value: unknown): WireObject {
  return { [specialSigKey]: specialSecretSig, value };
}

/** Wraps the named properties as secrets unless they already are, and drops undefined properties. */
export function withSecrets(bag: WireObject, secretProperties: readonly string[]): WireObject {
  return Object.fromEntries(
    Object.entries(bag)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, secretProperties.includes(key) && !isSecret(value) ? wrapSecret(value) : value]),
  );
}

function isSecret(value: unknown): boolean {
  return isObject(value) && value[specialSigKey] === specialSecretSig;
}

/** Deep equality of plain values, regardless of key order. */
export function sameValue(left: unknown, right: unknown): boolean {
  return canonical(left) === canonical(right);
}

function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, item: unknown) =>
      isObject(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
    ) ?? 'undefined'
  );
}
