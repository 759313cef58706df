import { specialOutputValueSig, specialSecretSig, specialSigKey, unknownValue } from '@pulumi/pulumi/runtime/rpc';

/** Takes the place of a value that is not known before `up`. */
export const UNKNOWN: unique symbol = Symbol('unknown until up');

/**
 * What the engine sends for a value it does not know yet, one by kind: string, boolean, number, array, object. The SDK
 * exports only the first.
 */
const unknownMarkers = new Set([
  unknownValue,
  '1c4a061d-8072-4f0a-a4cb-0ff528b18fe7',
  '3eeb2bf0-c639-47a8-9e75-3b44932eb421',
  '6a19a0b0-7e62-4c92-b797-7f8e31da9cc2',
  'dd056dcd-154b-4c76-9bd3-c8f88648b5ff',
]);

/** A property bag as the engine sends it. */
export type WireObject = Record<string, unknown>;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The plain value: secrets opened at every depth, UNKNOWN where the engine does not know yet. */
export function unwrap(value: unknown): unknown {
  if (typeof value === 'string') return unknownMarkers.has(value) ? UNKNOWN : value;
  if (Array.isArray(value)) return value.map(unwrap);
  if (!isObject(value)) return value;
  if (value[specialSigKey] === specialSecretSig) return unwrap(value.value);
  if (value[specialSigKey] === specialOutputValueSig) return 'value' in value ? unwrap(value.value) : UNKNOWN;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unwrap(item)]));
}

/** Whether a plain value is UNKNOWN or holds it at any depth. */
export function holdsUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(holdsUnknown);
  return isObject(value) && Object.values(value).some(holdsUnknown);
}

/** Whether a wire value is a secret, or holds one at any depth. */
export function holdsSecret(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsSecret);
  if (!isObject(value)) return false;
  return value[specialSigKey] === specialSecretSig || Object.values(value).some(holdsSecret);
}

/** The value as the engine wants a secret back. `pulumi.secret` is refused there, and a plain one lands in state. */
export function wrapSecret(value: unknown): WireObject {
  return { [specialSigKey]: specialSecretSig, value };
}

/** Puts the named keys of a property bag under secrecy, unless they are already; leaves out undefined ones. */
export function withSecrets(bag: WireObject, secrets: readonly string[]): WireObject {
  return Object.fromEntries(
    Object.entries(bag)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, secrets.includes(key) && !isSecret(value) ? wrapSecret(value) : value]),
  );
}

function isSecret(value: unknown): boolean {
  return isObject(value) && value[specialSigKey] === specialSecretSig;
}

/** Equality of plain values whatever the order of their keys. */
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
