import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type Json, isMap, valueAt } from '../../gitops/kubernetesObject';
import type { AddedValues, SchemaSource } from '../../tools/schemaSources';
import { CannotTell } from './options';

/**
 * The files of a row, with what its installer adds: those themselves, or where there is something to add one file in
 * `scratch` with all CustomResourceDefinitions of the row.
 * @throws CannotTell when there is nothing to add it to, because that would go unnoticed
 */
export function withAdded({ name, added = [] }: SchemaSource, files: string[], scratch: string): string[] {
  if (added.length === 0) return files;
  const crds = files.flatMap(readCrds);
  for (const one of added) {
    const crd = crds.find((object) => valueAt(object, 'metadata', 'name') === one.crd);
    if (crd === undefined || !addValues(crd, one)) {
      const field = one.field.join('.');
      throw new CannotTell(`tools/schemaSources.ts: row ${name}: ${one.crd} has no list of values at ${field}`);
    }
  }
  mkdirSync(scratch, { recursive: true });
  const file = join(scratch, `${name}.yaml`);
  // JSON is YAML, too.
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

/** Adds values to a field in every version of a CustomResourceDefinition; whether each had it. */
function addValues(crd: Json, { field, values }: AddedValues): boolean {
  const versions = valueAt(crd, 'spec', 'versions');
  if (!Array.isArray(versions) || versions.length === 0) return false;
  return versions.every((version) => {
    let schema = valueAt(version, 'schema', 'openAPIV3Schema');
    for (const name of field) schema = valueAt(valueAt(schema, 'items') ?? schema, 'properties', name);
    const known = valueAt(schema, 'enum');
    if (!isMap(schema) || !Array.isArray(known)) return false;
    schema['enum'] = [...known, ...values.filter((value) => !known.includes(value))];
    return true;
  });
}
