import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type Json, isMap, valueAt } from '../../gitops/kubernetesObject';
import type { AddedValues, SchemaSource } from '../../tools/schemaSources';
import { ValidateError } from './options';

/**
 * The CRD files of a row of tools/schemaSources.ts, including the enum values that the row's installer adds. Returns
 * `files` unchanged if the row adds nothing; otherwise the path of one new file in `scratch` with all CRDs of the row.
 * @throws ValidateError if the CRD or its enum is missing, so that an obsolete row does not go unnoticed
 */
export function withAddedValues({ name, added = [] }: SchemaSource, files: string[], scratch: string): string[] {
  if (added.length === 0) return files;
  const crds = files.flatMap(readCrds);
  for (const addition of added) {
    const crd = crds.find((object) => valueAt(object, 'metadata', 'name') === addition.crd);
    if (crd === undefined || !addValues(crd, addition)) {
      const field = addition.field.join('.');
      throw new ValidateError(`tools/schemaSources.ts: row ${name}: ${addition.crd} has no enum at ${field}`);
    }
  }
  mkdirSync(scratch, { recursive: true });
  const file = join(scratch, `${name}.yaml`);
  // JSON is valid YAML.
  writeFileSync(file, crds.map((crd) => `---\n${JSON.stringify(crd)}\n`).join(''));
  return [file];
}

function readCrds(path: string): Json[] {
  if (statSync(path).isDirectory()) {
    const names = readdirSync(path).filter((name) => /\.ya?ml$/.test(name));
    return names.sort().flatMap((name) => readCrds(join(path, name)));
  }
  const documents = parseAllDocuments(readFileSync(path, 'utf8'), { logLevel: 'silent' });
  const objects = Array.isArray(documents) ? documents.map((document) => document.toJS() as Json) : [];
  return objects.filter((object) => valueAt(object, 'kind') === 'CustomResourceDefinition');
}

/** Adds enum values to a field in every version of a CRD. Returns whether every version has that field as an enum. */
function addValues(crd: Json, { field, values }: AddedValues): boolean {
  const versions = valueAt(crd, 'spec', 'versions');
  if (!Array.isArray(versions) || versions.length === 0) return false;
  return versions.every((version) => {
    let schema = valueAt(version, 'schema', 'openAPIV3Schema');
    for (const name of field) schema = valueAt(valueAt(schema, 'items') ?? schema, 'properties', name);
    const existing = valueAt(schema, 'enum');
    if (!isMap(schema) || !Array.isArray(existing)) return false;
    schema['enum'] = [...existing, ...values.filter((value) => !existing.includes(value))];
    return true;
  });
}
