import { isMap, type Properties, type Property } from '../provider/properties';
import type { Attribute, Kind } from './kinds';

/** A property's name as the API writes it: `tunnelSecret` is `tunnel_secret`. */
export function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** An API's name as Pulumi writes it. */
export function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The API's value of a property: names of nested fields change, and a token's resources are JSON here and text there. */
export function toApi(value: Property): Property {
  if (Array.isArray(value)) return value.map(toApi);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined && inner !== null)
      .map(([key, inner = null]) => [snake(key), key === 'resources' ? fromJson(inner) : toApi(inner)]),
  );
}

/** The other way. */
export function fromApi(value: Property): Property {
  if (Array.isArray(value)) return value.map(fromApi);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined && inner !== null)
      .map(([key, inner = null]) => [camel(key), key === 'resources' ? JSON.stringify(inner) : fromApi(inner)]),
  );
}

/** The body of a request: what is not part of the address and is there. */
export function bodyOf(kind: Kind, properties: Properties, only: (name: string) => boolean = () => true): Properties {
  const sent = Object.entries(kind.attributes).filter(
    ([name, { use, path }]) => use !== 'computed' && path === undefined && only(name),
  );
  return Object.fromEntries(
    sent.flatMap(([name, { api }]) => {
      const value = properties[name];
      return value === undefined || value === null ? [] : [[api ?? snake(name), toApi(value)]];
    }),
  );
}

/** What an answer says of the kind's properties, by their names; nulls are left out. */
export function propertiesOf(kind: Kind, answer: Properties): Properties {
  return Object.fromEntries(
    Object.entries(kind.attributes).flatMap(([name, attribute]) => {
      const value = answer[attribute.api ?? snake(name)];
      return attribute.path || value === undefined || value === null
        ? []
        : [[name, trim(attribute, fromNested(name, value))]];
    }),
  );
}

/** Terraform keeps these two as text. */
function fromNested(name: string, value: Property): Property {
  return ['meta', 'metadata'].includes(name) ? JSON.stringify(value) : fromApi(value);
}

/** A token's policies come back with ids and names that the program never gave; others with whole objects. */
function trim({ fields }: Attribute, value: Property): Property {
  return Array.isArray(value) ? value.map((entry: Property) => trimEntry(fields, entry)) : value;
}

function trimEntry(fields: readonly string[] | undefined, entry: Property): Property {
  if (!isMap(entry)) return entry;
  if (fields !== undefined) return pick(entry, fields);
  const { permissionGroups: groups } = entry;
  if (!Array.isArray(groups)) return entry;
  const ids = groups.map((group: Property) => (isMap(group) ? pick(group, ['id']) : group));
  return { ...pick(entry, ['effect', 'resources']), permissionGroups: ids };
}

function pick(value: Properties, keys: readonly string[]): Properties {
  return Object.fromEntries(keys.flatMap((key) => (value[key] === undefined ? [] : [[key, value[key]]])));
}

function fromJson(value: Property): Property {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as Property;
  } catch {
    throw new Error(`Invalid JSON: String must be a valid JSON: ${value}`);
  }
}
