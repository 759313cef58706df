import * as z from 'zod';
import type { Item } from './connectClient';

/** The field of an item that records which of its fields the program generated, as JSON. */
export const madeByField = 'made-by-k8s-gitops';

/** When a field was generated, and for which rotation. */
export interface ManagedMark {
  /** ISO 8601. */
  at: string;
  rotation?: string | undefined;
}

const marks = z.record(z.string(), z.object({ at: z.string(), rotation: z.string().optional() }));

/**
 * The marks of an item by field label; none if they cannot be parsed, so that no field set by a person is overwritten.
 */
export function managedMarks(item: Pick<Item, 'fields'>): Record<string, ManagedMark> {
  try {
    return marks.parse(JSON.parse(fieldValue(item, madeByField) ?? '{}'));
  } catch {
    return {};
  }
}

/** The value of a field; undefined if it is missing or empty. */
export function fieldValue({ fields = [] }: Pick<Item, 'fields'>, label: string): string | undefined {
  return fields.find((field) => field.label === label)?.value || undefined;
}

/** The fields of an item with these values and their marks set; all other fields are unchanged. */
export function withManagedFields(
  { fields = [] }: Pick<Item, 'fields'>,
  values: Readonly<Record<string, string>>,
  mark: ManagedMark,
): NonNullable<Item['fields']> {
  const all = { ...managedMarks({ fields }), ...Object.fromEntries(Object.keys(values).map((label) => [label, mark])) };
  return withValues(fields, { ...values, [madeByField]: JSON.stringify(all) });
}

/** The fields of an item with these values set; one without a mark belongs to a person, as in the item it comes from. */
export function withCopiedFields(
  { fields = [] }: Pick<Item, 'fields'>,
  copied: Readonly<Record<string, { value: string; mark: ManagedMark | undefined }>>,
): NonNullable<Item['fields']> {
  const values = Object.fromEntries(Object.entries(copied).map(([label, { value }]) => [label, value]));
  if (Object.values(copied).every(({ mark }) => mark === undefined)) return withValues(fields, values);
  const all = managedMarks({ fields });
  for (const [label, { mark }] of Object.entries(copied)) if (mark !== undefined) all[label] = mark;
  return withValues(fields, { ...values, [madeByField]: JSON.stringify(all) });
}

/** The fields of an item without the named ones that the program generated; undefined if no value remains. */
export function withoutManagedFields(
  item: Pick<Item, 'fields'>,
  labels: readonly string[],
): NonNullable<Item['fields']> | undefined {
  const before = managedMarks(item);
  const removed = labels.filter((label) => label in before);
  const remaining = Object.fromEntries(Object.entries(before).filter(([label]) => !removed.includes(label)));
  const kept = (item.fields ?? []).filter(({ label = '' }) => !removed.includes(label) && label !== madeByField);
  if (!kept.some(({ value }) => value)) return undefined;
  return withValues(kept, Object.keys(remaining).length === 0 ? {} : { [madeByField]: JSON.stringify(remaining) });
}

function withValues(
  fields: NonNullable<Item['fields']>,
  values: Readonly<Record<string, string>>,
): NonNullable<Item['fields']> {
  const changed = fields.map((field) =>
    field.label !== undefined && field.label in values ? { ...field, value: values[field.label] ?? '' } : field,
  );
  const known = new Set(fields.map(({ label }) => label));
  const added = Object.entries(values)
    .filter(([label]) => !known.has(label))
    .map(([label, value]) => ({ label, value, type: label === madeByField ? 'STRING' : 'CONCEALED' }));
  return [...changed, ...added];
}
