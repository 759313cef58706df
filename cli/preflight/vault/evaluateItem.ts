import type { managedFields } from '../../../cluster/onePasswordFields';
import type { OnePasswordField } from '../../../cluster/secretCategories';
import { secretAge } from '../../../cluster/secretAges';
import type { Item } from '../../../clients/onepassword/connectClient';
import { managedMarks } from '../../../clients/onepassword/managedFields';
import { type Check, type CheckResult, failed, type Failure, ok, resultOf, warning } from '../checkResult';
import { formatProblem } from './fieldFormats';
import type { NeededField, NeededItem } from './neededItems';

/** The identity of an item's check. */
export function itemCheck({ title }: Pick<NeededItem, 'title'>): Check {
  return { id: `item:${title}`, what: `1Password item ${title}` };
}

/**
 * The result of one item. `found` are all items with its title: external-secrets fails if there are several. What the
 * program or the cluster creates may be missing, but must not be invalid.
 */
export function evaluateItem(
  needed: NeededItem,
  found: readonly Item[],
  vault: string,
  managed: ReturnType<typeof managedFields>,
  now = new Date(),
): CheckResult {
  const check = itemCheck(needed);
  const userFields = needed.fields.filter(({ createdBy }) => createdBy === 'user').map(({ field }) => field);
  const [item, ...duplicates] = found;
  if (duplicates.length > 0) {
    const ids = found.map(({ id, createdAt }) => `${id} of ${createdAt}`).join(', ');
    return failed(check, `exists ${found.length} times (${ids})`, `delete all but one in the vault ${vault}`);
  }
  if (item === undefined) {
    if (userFields.length === 0 && !needed.allFields)
      return ok(check, `not created yet: ${creatorOf(needed)} creates it`);
    const fields = userFields.length === 0 ? '' : ` with ${listed(userFields)}`;
    return failed(check, 'is missing', `create it in the vault ${vault}${fields}`);
  }
  const failures = needed.fields.flatMap((field) => fieldFailures(item, field, managed));
  if (needed.allFields && !(item.fields ?? []).some(({ label, value }) => label && value)) {
    failures.push({ why: 'has no field with a value', fix: `add its fields in the vault ${vault}` });
  }
  const overdue = overdueFields(item, managed, now);
  if (failures.length === 0 && overdue.length > 0) {
    return warning(check, overdue.join('; '), 'rotate it as docs/secrets.md says');
  }
  return resultOf(check, failures, describeFields(needed, item));
}

/** What to say about fields of the program that have reached the maximum age of their category. */
function overdueFields(item: Item, managed: ReturnType<typeof managedFields>, now: Date): string[] {
  const marks = managedMarks(item);
  return Object.values<OnePasswordField>(managed).flatMap(({ title, field, category }) => {
    const mark = title === item.title ? marks[field] : undefined;
    const { replaceBy } = mark === undefined ? {} : secretAge(category, mark.at);
    if (mark === undefined || replaceBy === undefined || Date.parse(replaceBy) > now.getTime()) return [];
    const days = Math.floor((now.getTime() - Date.parse(mark.at)) / 86_400_000);
    return [`field ${field} is ${days} days old; the maximum for ${category} was reached at ${replaceBy}`];
  });
}

function fieldFailures(
  item: Item,
  { field, createdBy }: NeededField,
  managed: ReturnType<typeof managedFields>,
): Failure[] {
  const matching = (item.fields ?? []).filter(({ label }) => label === field);
  if (matching.length > 1) {
    return [{ why: `field ${field} exists ${matching.length} times`, fix: `delete all but one field ${field}` }];
  }
  const [only] = matching;
  if (only === undefined) {
    return createdBy === 'user' ? [{ why: `field ${field} is missing`, fix: `add the field ${field}` }] : [];
  }
  const problem = formatProblem(item.title, field, only.value ?? '', managed);
  if (problem === undefined) return [];
  const fix = createdBy === 'program' ? `remove the field ${field}: \`up\` generates it` : `correct the field ${field}`;
  return [{ why: `field ${field} ${problem}`, fix }];
}

function describeFields({ fields }: NeededItem, item: Item): string {
  const present = fields.filter(({ field }) => item.fields?.some(({ label }) => label === field));
  const absent = fields.filter((field) => !present.includes(field));
  const texts = [
    ...(present.length > 0 ? [listed(present.map(({ field }) => field))] : []),
    ...(absent.length > 0 ? [`not created yet: ${listed(absent.map(({ field }) => field))}`] : []),
  ];
  return texts.join('; ') || 'exists';
}

function creatorOf({ fields }: NeededItem): string {
  return fields.some(({ createdBy }) => createdBy === 'program') ? '`up`' : 'the cluster';
}

function listed(fields: readonly string[]): string {
  return `${fields.length === 1 ? 'field' : 'fields'} ${fields.join(', ')}`;
}
