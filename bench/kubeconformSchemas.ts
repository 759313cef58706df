import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type Json, type JsonMap, isMap, valueAt } from '../gitops/kubernetesObject';
import { schemaFiles } from '../tools/schemaSources';

/** How kubeconform finds a schema in the folder that `writeSchemas` filled. */
export const schemaLocation = (folder: string): string =>
  `${folder}/{{.Group}}_{{.ResourceAPIVersion}}_{{.ResourceKind}}.json`;

/**
 * Writes JSON schemas for kubeconform from the same OpenAPI documents and CustomResourceDefinitions as our own, closed as
 * ours are: a field that no schema names is an error. Returns how many.
 */
export async function writeSchemas(folder: string): Promise<number> {
  mkdirSync(folder, { recursive: true });
  const { openapi, sources } = await schemaFiles();
  const written = new Set<string>();
  const write = (group: string, version: string, kind: string, schema: Json): void => {
    const name = `${group === '' ? version : group}_${version}_${kind}.json`.toLowerCase();
    if (written.has(name)) return;
    written.add(name);
    writeFileSync(join(folder, name), JSON.stringify(schema));
  };
  for (const file of yamlFiles(openapi, /\.json$/)) {
    const document = JSON.parse(readFileSync(file, 'utf8')) as Json;
    const schemas = valueAt(document, 'components', 'schemas');
    if (isMap(schemas)) writeBuiltIn(schemas, write);
  }
  for (const file of sources.flatMap(({ files }) => files.flatMap((path) => yamlFiles(path, /\.ya?ml$/)))) {
    for (const document of parseAllDocuments(readFileSync(file, 'utf8'), { logLevel: 'silent' })) {
      const value = document.toJS() as Json;
      if (valueAt(value, 'kind') === 'CustomResourceDefinition') writeDefinition(value, write);
    }
  }
  return written.size;
}

type Write = (group: string, version: string, kind: string, schema: Json) => void;

function writeBuiltIn(schemas: JsonMap, write: Write): void {
  for (const [name, schema] of Object.entries(schemas)) {
    const kinds = valueAt(schema, 'x-kubernetes-group-version-kind');
    if (!Array.isArray(kinds) || kinds.length !== 1) continue;
    const [group, version, kind] = ['group', 'version', 'kind'].map((key) => valueAt(kinds[0], key));
    if (typeof group !== 'string' || typeof version !== 'string' || typeof kind !== 'string') continue;
    const definitions = Object.fromEntries(
      [...closure(schemas, name)].map((each) => [each, closed(schemas[each] ?? {})]),
    );
    write(group, version, kind, { allOf: [{ $ref: `#/definitions/${name}` }], definitions });
  }
}

/** A schema and those that it refers to, directly or not. */
function closure(schemas: JsonMap, name: string): Set<string> {
  const found = new Set([name]);
  for (const each of found) {
    for (const [, other = ''] of JSON.stringify(schemas[each] ?? {}).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      found.add(other);
    }
  }
  return found;
}

function writeDefinition(definition: Json, write: Write): void {
  const spec = valueAt(definition, 'spec');
  const [group, kind] = [valueAt(spec, 'group'), valueAt(spec, 'names', 'kind')];
  const versions = valueAt(spec, 'versions');
  if (typeof group !== 'string' || typeof kind !== 'string' || !Array.isArray(versions)) return;
  for (const each of versions) {
    const version = valueAt(each, 'name');
    const schema = valueAt(each, 'schema', 'openAPIV3Schema');
    if (typeof version !== 'string' || !isMap(schema)) continue;
    const properties = isMap(schema['properties']) ? schema['properties'] : {};
    const meta = { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' } };
    write(group, version, kind, closed({ ...schema, properties: { ...properties, ...meta } }));
  }
}

// They name some of the fields that the schema around them closes.
const junctors = new Set(['allOf', 'anyOf', 'oneOf', 'not']);

/** An OpenAPI schema as JSON schema, with objects that take no other fields than named. */
function closed(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(closed);
  if (!isMap(schema)) return schema;
  if (schema['x-kubernetes-int-or-string'] === true) return { type: ['integer', 'string', 'null'] };
  const result: JsonMap = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'description' || key === 'default' || key === 'nullable' || key === 'format') continue;
    if (key === 'properties' && isMap(value)) {
      result[key] = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, closed(each ?? {})]));
    } else if (key === '$ref' && typeof value === 'string') {
      result[key] = value.replace('#/components/schemas/', '#/definitions/');
    } else if (junctors.has(key)) {
      result[key] = value;
    } else result[key] = value === undefined ? undefined : closed(value);
  }
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true || schema['additionalProperties'] !== undefined;
  if (isMap(schema['properties']) && !open) result['additionalProperties'] = false;
  // Flux and the API server take null for a field that is not there.
  if (typeof result['type'] === 'string' && schema['nullable'] === true) result['type'] = [result['type'], 'null'];
  return result;
}

function yamlFiles(path: string, pattern: RegExp): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
