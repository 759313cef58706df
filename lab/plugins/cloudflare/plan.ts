import { unknownValue } from '@pulumi/pulumi/runtime/rpc';
import { hasUnknown, same, type Properties, type Property } from '../provider/properties';
import type { Attribute, Kind } from './kinds';

/** What will become of a resource. */
export interface Plan {
  /** Properties that differ, in the kind's order. */
  changed: string[];
  /** Those of them that make another resource. */
  replaces: string[];
  /** Its properties afterwards; what only Cloudflare knows is unknown. */
  planned: Properties;
}

/**
 * Compares what the program gives with the state, as the Terraform provider does: against the state and not against what
 * was given before, so that drift that a refresh has seen is mended. All values plain.
 */
export function planUpdate(kind: Kind, state: Properties, inputs: Properties): Plan {
  const changed = Object.entries(kind.attributes)
    .filter(([name, attribute]) => differs(attribute, state[name], wanted(attribute, inputs[name])))
    .map(([name]) => name);
  const replaces = changed.filter((name) => {
    const { replaces: rule } = kind.attributes[name] ?? {};
    return rule === true || (rule === 'given' && inputs[name] !== undefined);
  });
  return { changed, replaces, planned: changed.length === 0 ? state : planCreate(kind, inputs) };
}

/**
 * What a resource will be, new or changed. Any change makes all unknown that Cloudflare computes and the program does not
 * give: the provider cannot tell what of it will stay.
 */
export function planCreate(kind: Kind, inputs: Properties): Properties {
  return Object.fromEntries(
    Object.entries(kind.attributes).flatMap(([name, attribute]) => {
      const value = attribute.use === 'computed' ? undefined : wanted(attribute, inputs[name]);
      if (value !== undefined) return [[name, value]];
      return attribute.use === 'optional' ? [] : [[name, unknownValue]];
    }),
  );
}

function wanted({ default: otherwise }: Attribute, input: Property | undefined): Property | undefined {
  return input === undefined || input === null ? otherwise : input;
}

function differs(attribute: Attribute, before: Property | undefined, after: Property | undefined): boolean {
  if (attribute.use === 'computed') return false;
  // What is not given stays as Cloudflare has it, unless it was given before and may be absent.
  if (after === undefined) return attribute.use === 'optional' && before !== undefined && before !== null;
  if (hasUnknown(after)) return true;
  if (attribute.set && Array.isArray(before) && Array.isArray(after)) return !sameSet(before, after);
  return !same(before, after);
}

function sameSet(a: readonly Property[], b: readonly Property[]): boolean {
  return a.length === b.length && a.every((entry) => b.some((other) => same(entry, other)));
}
