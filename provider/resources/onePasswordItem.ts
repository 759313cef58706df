import { z } from 'zod';
import type { Implementation } from '../engine/implementation';
import type { OnePasswordItemInputs } from './inputs';
import { managedMarks, valueOf, withManaged, withoutManaged } from '../../clients/onepassword/managedFields';
import { withVault, type OpenVault } from './withVault';
import { UserError } from '../../clients/userError';
import { nonEmpty, vaultPlace } from './schemas';

/** What is recorded. `stale` after a refresh that found other values: the next update mends them. */
export interface OnePasswordItemState extends OnePasswordItemInputs {
  stale?: boolean;
}

const schema = z.object({ ...vaultPlace, title: nonEmpty, fields: z.record(nonEmpty, nonEmpty) });

/** Fields of an item that are kept as the program has them. What people put into the item stays. */
export const onePasswordItem: Implementation<OnePasswordItemInputs, OnePasswordItemState> = {
  schema,
  connection: ['connectHost', 'connectToken'],
  updateTriggers: ['fields'],
  secrets: ['connectToken', 'fields'],
  create: async (inputs, operation) => {
    await withVault(inputs, operation, (open) => keep(open, inputs));
    return { id: inputs.title, outputs: inputs };
  },
  update: async (_state, inputs, operation) => {
    await withVault(inputs, operation, (open) => keep(open, inputs));
    return inputs;
  },
  read: (state, operation) =>
    withVault(state, operation, async (open) => {
      const item = await open.find(state.title);
      const same = Object.entries(state.fields).every(
        ([label, value]) => item !== undefined && valueOf(item, label) === value,
      );
      return same ? state : { ...state, stale: true };
    }),
  delete: (state, operation) =>
    withVault(state, operation, async (open) => {
      const item = await open.find(state.title);
      if (item === undefined) return;
      const marks = managedMarks(item);
      const ours = Object.keys(state.fields).filter((label) => label in marks);
      if (ours.length === 0) return;
      const left = withoutManaged(item, ours);
      await (left === undefined ? open.remove(item) : open.replace(item, left));
    }),
};

async function keep(open: OpenVault, { title, fields, vault }: OnePasswordItemInputs): Promise<void> {
  const item = await open.find(title);
  const marks = item === undefined ? {} : managedMarks(item);
  const differing = Object.fromEntries(
    Object.entries(fields).filter(([label, value]) => item === undefined || valueOf(item, label) !== value),
  );
  const foreign = Object.keys(differing).filter(
    (label) => item !== undefined && valueOf(item, label) !== undefined && !(label in marks),
  );
  if (foreign.length > 0) {
    throw new UserError(
      `item ${title} in vault ${vault}: ${foreign.join(', ')} ${foreign.length === 1 ? 'is' : 'are'} not the program's ` +
        'and not what it made; remove what is there, and run again',
    );
  }
  if (Object.keys(differing).length === 0) return;
  const after = withManaged(item ?? {}, differing, { at: new Date().toISOString() });
  await (item === undefined ? open.create(title, after) : open.replace(item, after));
}
