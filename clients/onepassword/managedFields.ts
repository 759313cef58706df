import { z } from 'zod';
import type { Item } from './connectClient';

/** The field of an item that says which of its fields the program made. */
export const madeByField = 'made-by-k8s-gitops';

/** When a field was made, and for which rotation. */
export interface ManagedMark {
  /** ISO 8601. */
  at: string;
  rotation?: string | undefined;
}

const marks = z.record(z.string(), z.object({ at: z.string(), rotation: z.string().optional() }));

/** The marks of an item; a mark that cannot be read counts as none, so that nothing of a person's is ever overwritten. */
export function managedMarks(item: Pick<Item, 'fields'>): Record<string, ManagedMark> {
  try {
    return marks.parse(JSON.parse(valueOf(item, madeByField) ?? '{}'));
  } catch {
    return {};
  }
}

/** The value of an item's field; an empty one counts as none. */
export function valueOf({ fields = [] }: Pick<Item, 'fields'>, label: string): string | undefined {
  return fields.find((field) => field.label === label)?.value || undefined;
}

/** The item's fields with values and marks put in. What is not named stays as it is. */
export function withManaged(
  { fields = [] }: Pick<Item, 'fields'>,
  values: Readonly<Record<string, string>>,
  mark: ManagedMark,
): NonNullable<Item['fields']> {
  const all = { ...managedMarks({ fields }), ...Object.fromEntries(Object.keys(values).map((label) => [label, mark])) };
  return withValues(fields, { ...values, [madeByField]: JSON.stringify(all) });
}

/** The item's fields without those of the program's that are named; undefined when nothing is left in it. */
export function withoutManaged(
  item: Pick<Item, 'fields'>,
  labels: readonly string[],
): NonNullable<Item['fields']> | undefined {
  const before = managedMarks(item);
  const gone = labels.filter((label) => label in before);
  const left = Object.fromEntries(Object.entries(before).filter(([label]) => !gone.includes(label)));
  const kept = (item.fields ?? []).filter(({ label = '' }) => !gone.includes(label) && label !== madeByField);
  if (!kept.some(({ value }) => value)) return undefined;
  return withValues(kept, Object.keys(left).length === 0 ? {} : { [madeByField]: JSON.stringify(left) });
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
