import {
  fieldValue,
  type ManagedMark,
  managedMarks,
  withCopiedFields,
  withoutManagedFields,
} from '../../clients/onepassword/managedFields';
import { messageOf, UserError } from '../../clients/userError';
import type { Operation } from '../engine/implementation';
import { withVault, type OpenVault, type VaultLocation } from './withVault';

// Another vault, title or Connect server for an item that is already in the state: the values in use travel, nothing is
// regenerated, and the old copy goes last.

/** Where fields of an item are. */
export interface ItemLocation extends VaultLocation {
  title: string;
}

/** Inputs of which a change moves an item. */
export const locationInputs = ['connectHost', 'vault', 'title'] as const;

/** Whether the inputs put the item somewhere else. */
export function isMove(before: ItemLocation, after: ItemLocation): boolean {
  return locationInputs.some((key) => before[key] !== after[key]);
}

/**
 * Copies fields from their old place to the new one, with their marks. The values in the old place count, and those in the
 * state only if it can no longer be read.
 *
 * @param inState values and marks by label; the state's
 * @throws UserError if the new place has another value
 */
export async function copyFields(
  before: ItemLocation,
  after: ItemLocation,
  inState: Readonly<Record<string, { value: string; at: string; rotation?: string | undefined }>>,
  operation: Operation,
): Promise<void> {
  const old = await withOldVault(before, after, operation, (open) => open.find(before.title)).catch(
    (error: unknown) => {
      operation.signal.throwIfAborted();
      if (error instanceof UserError) return undefined;
      throw error;
    },
  );
  await withVault(after, operation, async (open) => {
    const target = await open.find(after.title);
    const copied: Record<string, { value: string; mark: ManagedMark | undefined }> = {};
    for (const [label, { value: lastKnown, at, rotation }] of Object.entries(inState)) {
      const inOldPlace = old && fieldValue(old, label);
      const value = inOldPlace ?? lastKnown;
      const present = target && fieldValue(target, label);
      if (present !== undefined && present !== value) {
        throw new UserError(
          `item ${after.title} in vault ${after.vault}: ${label} has another value than the one in use, which is in item ` +
            `${before.title} of vault ${before.vault}; remove one of the two, and run again`,
        );
      }
      if (present !== undefined) continue;
      // A value that a person entered stays theirs.
      const mark = inOldPlace === undefined ? { at, rotation } : old && managedMarks(old)[label];
      copied[label] = { value, mark };
    }
    if (Object.keys(copied).length === 0) return;
    const fields = withCopiedFields(target ?? {}, copied);
    await (target === undefined ? open.create(after.title, fields) : open.replace(target, fields));
  });
  operation.progress.info(`copied ${Object.keys(inState).join(', ')} to item ${after.title} in vault ${after.vault}`);
}

/** Removes the program's fields from the place that they have left. If that fails, a warning says what remains. */
export async function removeFromOldPlace(
  before: ItemLocation,
  after: ItemLocation,
  labels: readonly string[],
  operation: Operation,
): Promise<void> {
  const where = `${labels.join(', ')} in item ${before.title} of vault ${before.vault}`;
  try {
    const current = await withVault(after, operation, (open) => open.find(after.title));
    await withOldVault(before, after, operation, async (open) => {
      const item = await open.find(before.title);
      // The same item under another name of the vault or of Connect.
      if (item === undefined || item.id === current?.id) return;
      await removeManagedFields(open, before.title, labels);
      operation.progress.info(`removed ${where}`);
    });
  } catch (error) {
    operation.signal.throwIfAborted();
    operation.progress.warn(`the old copy of ${where} remains, remove it: ${messageOf(error)}`);
  }
}

/** With the token in the state or, if that is no longer valid, the current one. */
async function withOldVault<T>(
  before: ItemLocation,
  after: ItemLocation,
  operation: Operation,
  work: (open: OpenVault) => Promise<T>,
): Promise<T> {
  try {
    return await withVault(before, operation, work);
  } catch (error) {
    const other = before.connectHost === after.connectHost && before.connectToken !== after.connectToken;
    if (!other || !(error instanceof UserError)) throw error;
    return withVault({ ...before, connectToken: after.connectToken }, operation, work);
  }
}

/** Removes fields that the program generated, and the item if no value remains. */
export async function removeManagedFields(open: OpenVault, title: string, labels: readonly string[]): Promise<void> {
  const item = await open.find(title);
  if (item === undefined) return;
  const marks = managedMarks(item);
  const ours = labels.filter((label) => label in marks);
  if (ours.length === 0) return;
  const remaining = withoutManagedFields(item, ours);
  await (remaining === undefined ? open.remove(item) : open.replace(item, remaining));
}
