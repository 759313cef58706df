import { isMap, isSecret, same, secret, type Properties, type Property } from '../provider/properties';
import type { Kind } from './kinds';

/** The state after a create or update: inputs as given, other properties from Cloudflare's result. */
export function stateAfterWrite(kind: Kind, inputs: Properties, result: Properties, before: Properties): Properties {
  return Object.fromEntries(
    Object.entries(kind.attributes).flatMap(([name, attribute]) => {
      const input = attribute.use === 'computed' ? undefined : (inputs[name] ?? attribute.default);
      // A token's value is only in the result of its creation.
      const remote = result[name] ?? (attribute.kept ? before[name] : undefined);
      const value = input ?? (attribute.use === 'optional' ? undefined : remote);
      return value === undefined || value === null ? [] : [[name, value]];
    }),
  );
}

/**
 * The state after a refresh: Cloudflare's result, except for kept properties and for empty values that differ only in
 * form (such as null and []).
 */
export function stateAfterRead(kind: Kind, state: Properties, result: Properties): Properties {
  return Object.fromEntries(
    Object.entries(kind.attributes).flatMap(([name, attribute]) => {
      const before = state[name];
      const keep = attribute.kept || attribute.path;
      const found = result[name];
      const value = keep || (isEmpty(found) && isEmpty(before)) ? before : inOrderOf(before, found);
      return value === undefined || value === null ? [] : [[name, value]];
    }),
  );
}

/**
 * The inputs after a refresh: the same properties with the values of the state; after an import, all that can be set.
 */
export function inputsAfterRead(kind: Kind, oldInputs: Properties, state: Properties): Properties {
  const names = Object.keys(oldInputs).length > 0 ? Object.keys(oldInputs) : inputNames(kind, state);
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = state[name];
      if (value === undefined || value === null) return [];
      return [[name, isSecret(oldInputs[name]) ? secret(value) : value]];
    }),
  );
}

/** Wraps the kind's secret properties. */
export function withSecrets(kind: Kind, state: Properties): Properties {
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => [
      name,
      kind.attributes[name]?.secret && value ? secret(value) : value,
    ]),
  );
}

function inputNames(kind: Kind, state: Properties): string[] {
  return Object.keys(kind.attributes).filter((name) => kind.attributes[name]?.use !== 'computed' && name in state);
}

function isEmpty(value: Property | undefined): boolean {
  return value === undefined || value === null || value === false || value === '' || same(value, []) || same(value, {});
}

/** Reorders `found` like `before`, because Cloudflare does not preserve the order of policies and their groups. */
function inOrderOf(before: Property | undefined, found: Property | undefined): Property | undefined {
  if (found === undefined) return undefined;
  if (Array.isArray(before) && Array.isArray(found)) {
    const rest = [...found];
    const known = before.flatMap((entry) => {
      const index = rest.findIndex((other) => same(canonical(entry), canonical(other)));
      return index < 0 ? [] : [inOrderOf(entry, rest.splice(index, 1)[0]) ?? entry];
    });
    return [...known, ...rest];
  }
  if (isMap(before) && isMap(found)) {
    return Object.fromEntries(Object.entries(found).map(([key, value]) => [key, inOrderOf(before[key], value)]));
  }
  return found;
}

/** The value with all lists sorted, for comparison regardless of order. */
function canonical(value: Property | undefined): Property {
  if (Array.isArray(value)) {
    return value.map(canonical).sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  }
  if (!isMap(value)) return value ?? null;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, canonical(value[key])]),
  );
}
