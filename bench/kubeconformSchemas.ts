import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type Json, type JsonMap, isMap, valueAt } from '../gitops/kubernetesObject';
import { schemaFiles } from '../tools/schemaSources';

/** The `-schema-location` with which kubeconform finds the schemas that `writeSchemas` wrote. */
export const schemaLocation = (folder: string): string =>
  `${folder}/{{.Group}}_{{.ResourceAPIVersion}}_{{.ResourceKind}}.json`;

/**
 * Writes JSON schemas for kubeconform from the OpenAPI documents and CRDs that validate uses, closed like validate's: a
 * field that no schema lists is an error. Returns the number of schemas.
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
      if (valueAt(value, 'kind') === 'CustomResourceDefinition') writeCrd(value, write);
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
      [...closure(schemas, name)].map((reference) => [reference, closed(schemas[reference] ?? {})]),
    );
    write(group, version, kind, { allOf: [{ $ref: `#/definitions/${name}` }], definitions });
  }
}

/** The names of a schema and of all schemas that it refers to, directly or indirectly. */
function closure(schemas: JsonMap, name: string): Set<string> {
  const found = new Set([name]);
  for (const visited of found) {
    const references = JSON.stringify(schemas[visited] ?? {}).matchAll(/"#\/components\/schemas\/([^"]+)"/g);
    for (const [, reference = ''] of references) found.add(reference);
  }
  return found;
}

function writeCrd(crd: Json, write: Write): void {
  const spec = valueAt(crd, 'spec');
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

// Their subschemas list only some of the fields; the schema around them is the one to close.
const combinators = new Set(['allOf', 'anyOf', 'oneOf', 'not']);

/** An OpenAPI schema as a JSON schema whose objects allow only the listed fields. */
function closed(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(closed);
  if (!isMap(schema)) return schema;
  if (schema['x-kubernetes-int-or-string'] === true) return { type: ['integer', 'string', 'null'] };
  const result: JsonMap = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'description' || key === 'default' || key === 'nullable' || key === 'format') continue;
    if (key === 'properties' && isMap(value)) {
      result[key] = Object.fromEntries(Object.entries(value).map(([name, property]) => [name, closed(property ?? {})]));
    } else if (key === '$ref' && typeof value === 'string') {
      result[key] = value.replace('#/components/schemas/', '#/definitions/');
    } else if (combinators.has(key)) {
      result[key] = value;
    } else result[key] = value === undefined ? undefined : closed(value);
  }
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true || schema['additionalProperties'] !== undefined;
  if (isMap(schema['properties']) && !open) result['additionalProperties'] = false;
  // Flux and the API server treat null as an absent field.
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
