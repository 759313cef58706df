import type { managedFields } from '../../../cluster/vaultFields';
import type { Item } from '../../../clients/onepassword/connectClient';
import { type Fault, judged, type Line, ok } from '../checkResult';
import { shapeProblem } from './fieldShapes';
import type { NeededField, VaultNeed } from './vaultNeeds';

/** The line's identity of an item. */
export function itemLine({ title }: Pick<VaultNeed, 'title'>): Pick<Line, 'id' | 'what'> {
  return { id: `item:${title}`, what: `1Password item ${title}` };
}

/**
 * The line of one item. `found` are all items of that title: external-secrets takes none when there are several. What
 * the program or the cluster makes may be absent, but not useless.
 */
export function evaluateItem(
  need: VaultNeed,
  found: readonly Item[],
  vault: string,
  made: ReturnType<typeof managedFields>,
): Line {
  const line = itemLine(need);
  const ofPeople = need.fields.filter(({ maker }) => maker === 'person').map(({ field }) => field);
  const [item, ...more] = found;
  if (more.length > 0) {
    const ids = found.map(({ id, createdAt }) => `${id} of ${createdAt}`).join(', ');
    const why = `is there ${found.length} times (${ids})`;
    return judged(line, [{ why, fix: `delete all but one in the vault ${vault}` }], '');
  }
  if (item === undefined) {
    if (ofPeople.length === 0 && !need.whole) return ok(line, `not there yet: ${makerOf(need)} makes it`);
    const fields = ofPeople.length === 0 ? '' : ` with ${listed(ofPeople)}`;
    return judged(line, [{ why: 'is missing', fix: `create it in the vault ${vault}${fields}` }], '');
  }
  const faults = need.fields.flatMap(({ field, maker }) => fieldFaults(item, field, maker, made));
  if (need.whole && !(item.fields ?? []).some(({ label, value }) => label && value)) {
    faults.push({ why: 'has no field with a value', fix: `add its fields in the vault ${vault}` });
  }
  return judged(line, faults, fine(need, item));
}

function fieldFaults(
  item: Item,
  field: string,
  maker: NeededField['maker'],
  made: ReturnType<typeof managedFields>,
): Fault[] {
  const same = (item.fields ?? []).filter(({ label }) => label === field);
  if (same.length > 1) {
    return [{ why: `field ${field} is there ${same.length} times`, fix: `delete all but one field ${field}` }];
  }
  const [only] = same;
  if (only === undefined) {
    return maker === 'person' ? [{ why: `field ${field} is missing`, fix: `add the field ${field}` }] : [];
  }
  const problem = shapeProblem(item.title, field, only.value ?? '', made);
  if (problem === undefined) return [];
  const fix = maker === 'program' ? `remove the field ${field}: \`up\` makes it` : `correct the field ${field}`;
  return [{ why: `field ${field} ${problem}`, fix }];
}

function fine({ fields }: VaultNeed, item: Item): string {
  const there = fields.filter(({ field }) => item.fields?.some(({ label }) => label === field));
  const absent = fields.filter((one) => !there.includes(one));
  const texts = [
    ...(there.length > 0 ? [listed(there.map(({ field }) => field))] : []),
    ...(absent.length > 0 ? [`not there yet: ${listed(absent.map(({ field }) => field))}`] : []),
  ];
  return texts.join('; ') || 'is there';
}

function makerOf({ fields }: VaultNeed): string {
  return fields.some(({ maker }) => maker === 'program') ? '`up`' : 'the cluster';
}

function listed(fields: readonly string[]): string {
  return `${fields.length === 1 ? 'field' : 'fields'} ${fields.join(', ')}`;
}
