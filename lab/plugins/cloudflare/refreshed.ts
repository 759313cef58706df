import { isMap, isSecret, same, secret, type Properties, type Property } from '../provider/properties';
import type { Kind } from './kinds';

/** The state after creating or updating: what was given stays as it was given, the rest is as Cloudflare says. */
export function stateAfterWrite(kind: Kind, given: Properties, answer: Properties, before: Properties): Properties {
  return Object.fromEntries(
    Object.entries(kind.attributes).flatMap(([name, attribute]) => {
      const own = attribute.use === 'computed' ? undefined : (given[name] ?? attribute.default);
      // A token's value is only in the first answer.
      const theirs = answer[name] ?? (attribute.kept ? before[name] : undefined);
      const value = own ?? (attribute.use === 'optional' ? undefined : theirs);
      return value === undefined || value === null ? [] : [[name, value]];
    }),
  );
}

/** The state after a refresh: as Cloudflare says, but for what is kept, and for "nothing" in another form. */
export function stateAfterRead(kind: Kind, state: Properties, answer: Properties): Properties {
  return Object.fromEntries(
    Object.entries(kind.attributes).flatMap(([name, attribute]) => {
      const before = state[name];
      const keep = attribute.kept || attribute.path;
      const found = answer[name];
      const value = keep || (isNothing(found) && isNothing(before)) ? before : inOrderOf(before, found);
      return value === undefined || value === null ? [] : [[name, value]];
    }),
  );
}

/** What a refresh makes of the inputs: the same properties, with the values of the state. */
export function inputsAfterRead(kind: Kind, oldInputs: Properties, state: Properties): Properties {
  const names = Object.keys(oldInputs).length > 0 ? Object.keys(oldInputs) : givenNames(kind, state);
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = state[name];
      if (value === undefined || value === null) return [];
      return [[name, isSecret(oldInputs[name]) ? secret(value) : value]];
    }),
  );
}

/** Wraps what is secret. */
export function withSecrets(kind: Kind, state: Properties): Properties {
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => [
      name,
      kind.attributes[name]?.secret && value ? secret(value) : value,
    ]),
  );
}

function givenNames(kind: Kind, state: Properties): string[] {
  return Object.keys(kind.attributes).filter((name) => kind.attributes[name]?.use !== 'computed' && name in state);
}

function isNothing(value: Property | undefined): boolean {
  return value === undefined || value === null || value === false || value === '' || same(value, []) || same(value, {});
}

/** Cloudflare gives policies and their groups back in its own order: the state's stays where the entries are the same. */
function inOrderOf(before: Property | undefined, found: Property | undefined): Property | undefined {
  if (found === undefined) return undefined;
  if (Array.isArray(before) && Array.isArray(found)) {
    const rest = [...found];
    const known = before.flatMap((entry) => {
      const at = rest.findIndex((other) => same(canonical(entry), canonical(other)));
      return at < 0 ? [] : [inOrderOf(entry, rest.splice(at, 1)[0]) ?? entry];
    });
    return [...known, ...rest];
  }
  if (isMap(before) && isMap(found)) {
    return Object.fromEntries(Object.entries(found).map(([key, value]) => [key, inOrderOf(before[key], value)]));
  }
  return found;
}

/** With all lists sorted, so that order does not count. */
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
