import * as z from 'zod';
import { fieldValue, managedMarks, withManagedFields } from '../../clients/onepassword/managedFields';
import { UserError } from '../../clients/userError';
import type { Implementation } from '../engine/implementation';
import type { OnePasswordItemInputs } from './inputs';
import { nonEmpty, vaultLocation } from './inputSchemas';
import { isMove, locationInputs, removeFromOldPlace, removeManagedFields } from './vaultMove';
import { withVault, type OpenVault } from './withVault';

/** State of the item. `stale` is set by a refresh that found other values: the next update corrects them. */
export interface OnePasswordItemState extends OnePasswordItemInputs {
  stale?: boolean;
}

const schema = z.object({ ...vaultLocation, title: nonEmpty, fields: z.record(nonEmpty, nonEmpty) });

/** Fields of an item, kept at the values in the program. Fields that people added to the item are preserved. */
export const onePasswordItem: Implementation<OnePasswordItemInputs, OnePasswordItemState> = {
  schema,
  connectionInputs: ['connectToken'],
  updateTriggers: ['fields', ...locationInputs],
  secretProperties: ['connectToken', 'fields'],
  create: async (inputs, operation) => {
    await withVault(inputs, operation, (open) => writeFields(open, inputs));
    return { id: inputs.title, outputs: inputs };
  },
  update: async (state, inputs, operation) => {
    await withVault(inputs, operation, (open) => writeFields(open, inputs));
    if (isMove(state, inputs)) await removeFromOldPlace(state, inputs, Object.keys(state.fields), operation);
    return inputs;
  },
  read: (state, operation) =>
    withVault(state, operation, async (open) => {
      const item = await open.find(state.title);
      const unchanged = Object.entries(state.fields).every(
        ([label, value]) => item !== undefined && fieldValue(item, label) === value,
      );
      return unchanged ? state : { ...state, stale: true };
    }),
  delete: (state, operation) =>
    withVault(state, operation, (open) => removeManagedFields(open, state.title, Object.keys(state.fields))),
};

async function writeFields(open: OpenVault, { title, fields, vault }: OnePasswordItemInputs): Promise<void> {
  const item = await open.find(title);
  const marks = item === undefined ? {} : managedMarks(item);
  const differing = Object.fromEntries(
    Object.entries(fields).filter(([label, value]) => item === undefined || fieldValue(item, label) !== value),
  );
  const foreign = Object.keys(differing).filter(
    (label) => item !== undefined && fieldValue(item, label) !== undefined && !(label in marks),
  );
  if (foreign.length > 0) {
    const labels = `${foreign.join(', ')} ${foreign.length === 1 ? 'has a value' : 'have values'}`;
    throw new UserError(
      `item ${title} in vault ${vault}: ${labels} that the program did not write; remove ` +
        `${foreign.length === 1 ? 'this field' : 'these fields'} from the item, and run again`,
    );
  }
  if (Object.keys(differing).length === 0) return;
  const after = withManagedFields(item ?? {}, differing, { at: new Date().toISOString() });
  await (item === undefined ? open.create(title, after) : open.replace(item, after));
}
