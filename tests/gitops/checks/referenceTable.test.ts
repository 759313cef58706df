import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { rendererPath } from '../../../cli/validate/loadTree';
import { ensureSchemas } from '../../../cli/validate/schemas';
import { type ReferenceRow, referenceTable } from '../../../gitops/checks/facts/referenceTable';
import { rowFor } from '../../../gitops/checks/facts/references';
import { neverWritten, notReferences } from './notReferences';

interface Schema {
  type?: string;
  items?: Schema;
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
}

/** Groups of which the tree uses no kind with references; the table has general rows for some. */
const unusedGroups =
  /^(generators\.external-secrets\.io|(policies\.|reports\.)?kyverno\.io|wgpolicyk8s\.io|operator\.victoriametrics\.com)$/;
/** The kinds of the Prometheus operator that anything here uses. */
const monitors = /^(PodMonitor|ServiceMonitor|PrometheusRule)$/;

/** Names of fields that may hold the name of an object. */
const looksLikeReference =
  /(Refs?|References?|Names?|Class|Secret|Account|[cC]onfigMaps?|secrets?|Issuer|repository|PVC)$/;

/** The paths, without lists, of all texts; `looks` if one looks like a reference. */
function* texts(schema: Schema | undefined, path: string[]): Generator<{ path: string[]; looks: boolean }> {
  if (schema === undefined) return;
  for (const part of schema.allOf ?? []) yield* texts(part, path);
  yield* texts(schema.items, path);
  if (typeof schema.additionalProperties === 'object') yield* texts(schema.additionalProperties, path);
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    if (key === 'metadata' || key === 'status') continue;
    const own = [...path, key];
    const isText = value.type === 'string' || value.items?.type === 'string';
    const named = (value.properties ?? value.items?.properties)?.['name'] !== undefined;
    if (isText) yield { path: own, looks: looksLikeReference.test(key) && key !== 'name' };
    else if (named) yield { path: [...own, 'name'], looks: true };
    yield* texts(value, own);
  }
}

const reviewed = Object.values(notReferences)
  .flat()
  .map((end) => ({
    end,
    pattern: new RegExp(`(^|\\.)${end.replaceAll('.', '\\.').replaceAll('*', '[^.]*')}$`),
    used: false,
  }));

test('every field of a schema in use that looks like a reference is in the table, or reviewed', async () => {
  const folder = await ensureSchemas(await rendererPath());
  const missing: string[] = [];
  const usedRows = new Set<ReferenceRow>();
  const groups = new Set<string>();
  for (const file of readdirSync(folder)) {
    const { group, kind, schema } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
      group: string;
      kind: string;
      schema?: Schema;
    };
    if (
      unusedGroups.test(group) ||
      neverWritten.test(kind) ||
      (group === 'monitoring.coreos.com' && !monitors.test(kind))
    )
      continue;
    groups.add(group);
    for (const { path, looks } of texts(schema, [])) {
      const row = rowFor(`${group}/${kind}`, path);
      if (row !== undefined) usedRows.add(row);
      if (row !== undefined || !looks) continue;
      const fits = reviewed.filter(({ pattern }) => pattern.test(path.join('.')));
      for (const entry of fits) entry.used = true;
      if (fits.length === 0) missing.push(`${group}/${kind} ${path.join('.')}`);
    }
  }
  expect(missing).toEqual([]);
  expect(reviewed.filter(({ used }) => !used).map(({ end }) => end)).toEqual([]);
  // A row of a group with schemas that fits none of their fields is misspelt.
  const unusedRows = referenceTable
    .filter(({ of }) => groups.has(of.slice(0, of.lastIndexOf('/'))))
    .filter((row) => !usedRows.has(row));
  expect(unusedRows.map(({ of, at }) => `${of} ${at}`)).toEqual([]);
});

test('no two rows are about the same field', () => {
  const keys = referenceTable.map(({ of, at, needs = '' }) => `${of} ${at} ${needs}`);
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
});
