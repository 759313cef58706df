import { unknownValue } from '@pulumi/pulumi/runtime/rpc';
import { hasUnknown, same, type Properties, type Property } from '../provider/properties';
import type { Attribute, Kind } from './kinds';

/** The planned change of a resource. */
export interface Plan {
  /** Changed properties, in the kind's order. */
  changed: string[];
  /** The changed properties that require replacement. */
  replaces: string[];
  /** The state afterwards; values that Cloudflare computes are unknown. */
  planned: Properties;
}

/**
 * Compares the inputs with the state, like the Terraform provider. Comparing with the state rather than the old inputs
 * corrects drift that a refresh has detected. All values are plain.
 */
export function planUpdate(kind: Kind, state: Properties, inputs: Properties): Plan {
  const changed = Object.entries(kind.attributes)
    .filter(([name, attribute]) => differs(attribute, state[name], withDefault(attribute, inputs[name])))
    .map(([name]) => name);
  const replaces = changed.filter((name) => {
    const { replaces: rule } = kind.attributes[name] ?? {};
    return rule === true || (rule === 'given' && inputs[name] !== undefined);
  });
  return { changed, replaces, planned: changed.length === 0 ? state : planCreate(kind, inputs) };
}

/**
 * The planned state of a new or changed resource. Computed values that the program does not give become unknown on any
 * change, because the provider cannot tell which of them stay the same.
 */
export function planCreate(kind: Kind, inputs: Properties): Properties {
  return Object.fromEntries(
    Object.entries(kind.attributes).flatMap(([name, attribute]) => {
      const value = attribute.use === 'computed' ? undefined : withDefault(attribute, inputs[name]);
      if (value !== undefined) return [[name, value]];
      return attribute.use === 'optional' ? [] : [[name, unknownValue]];
    }),
  );
}

function withDefault({ default: fallback }: Attribute, input: Property | undefined): Property | undefined {
  return input === undefined || input === null ? fallback : input;
}

function differs(attribute: Attribute, before: Property | undefined, after: Property | undefined): boolean {
  if (attribute.use === 'computed') return false;
  // A property without an input keeps Cloudflare's value, unless it is optional: then its old value is removed.
  if (after === undefined) return attribute.use === 'optional' && before !== undefined && before !== null;
  if (hasUnknown(after)) return true;
  if (attribute.set && Array.isArray(before) && Array.isArray(after)) return !sameSet(before, after);
  return !same(before, after);
}

function sameSet(a: readonly Property[], b: readonly Property[]): boolean {
  return a.length === b.length && a.every((entry) => b.some((other) => same(entry, other)));
}
