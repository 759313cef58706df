import { isMap, type Properties, type Property } from '../provider/properties';
import type { Attribute, Kind } from './kinds';

/** The API's name of a property: `tunnel_secret` for `tunnelSecret`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Pulumi's name of an API field: `tunnelSecret` for `tunnel_secret`. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Converts a property value to the API's format: nested keys to snake case, a policy's `resources` from JSON text. */
export function toApi(value: Property): Property {
  if (Array.isArray(value)) return value.map(toApi);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined && inner !== null)
      .map(([key, inner = null]) => [snakeCase(key), key === 'resources' ? fromJson(inner) : toApi(inner)]),
  );
}

/** The inverse of {@link toApi}. */
export function fromApi(value: Property): Property {
  if (Array.isArray(value)) return value.map(fromApi);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined && inner !== null)
      .map(([key, inner = null]) => [camelCase(key), key === 'resources' ? JSON.stringify(inner) : fromApi(inner)]),
  );
}

/** A request body: the properties that are set and neither computed nor part of the path, if `include` accepts them. */
export function requestBody(
  kind: Kind,
  properties: Properties,
  include: (name: string) => boolean = () => true,
): Properties {
  const sent = Object.entries(kind.attributes).filter(
    ([name, { use, path }]) => use !== 'computed' && path === undefined && include(name),
  );
  return Object.fromEntries(
    sent.flatMap(([name, { api }]) => {
      const value = properties[name];
      return value === undefined || value === null ? [] : [[api ?? snakeCase(name), toApi(value)]];
    }),
  );
}

/** The kind's properties in an API result, without nulls. */
export function propertiesOf(kind: Kind, result: Properties): Properties {
  return Object.fromEntries(
    Object.entries(kind.attributes).flatMap(([name, attribute]) => {
      const value = result[attribute.api ?? snakeCase(name)];
      return attribute.path || value === undefined || value === null
        ? []
        : [[name, trim(attribute, fromNested(name, value))]];
    }),
  );
}

/** The Terraform provider stores these two as JSON text. */
function fromNested(name: string, value: Property): Property {
  return ['meta', 'metadata'].includes(name) ? JSON.stringify(value) : fromApi(value);
}

/** Drops fields of list entries that the API adds: ids and names in token policies, or fields beyond `fields`. */
function trim({ fields, nested }: Attribute, value: Property): Property {
  if (nested !== undefined && isMap(value)) return { ...nested, ...value };
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
