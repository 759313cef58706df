import type { CelInput } from '@bufbuild/cel';
import { type Json, isMap } from './kubernetesObject';

/** A JSON value for a CEL expression: CEL has several kinds of number that do not mix; integers are `int`, as in Kubernetes. */
export function celValue(value: Json | undefined): CelInput {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(celValue);
  if (isMap(value)) return new Map(Object.entries(value).map(([key, item]) => [key, celValue(item)]));
  return value ?? null;
}
