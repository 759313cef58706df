import type { Json } from '../kubernetesObject';

/** A value for people: a text as it is, all else as JSON. */
export function show(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
