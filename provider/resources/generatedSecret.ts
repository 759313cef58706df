import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Implementation } from '../engine/implementation';
import type { GeneratedSecretInputs } from './inputs';
import { managedMarks, valueOf, withManaged, withoutManaged } from '../../clients/onepassword/managedFields';
import { withVault, type OpenVault } from './withVault';
import { UserError } from '../../clients/userError';
import { nonEmpty, vaultPlace } from './schemas';

/** What is recorded. `stale` after a refresh that did not find the secret: the next update puts it back. */
export interface GeneratedSecretState extends GeneratedSecretInputs {
  value: string;
  /** ISO 8601; when a person put it there, when it was first seen. */
  madeAt: string;
  stale?: boolean;
}

const schema = z.object({
  ...vaultPlace,
  title: nonEmpty,
  field: nonEmpty,
  bytes: z.number().int().min(16).max(256),
  encoding: z.enum(['base64', 'base64url']),
  rotation: nonEmpty.optional(),
});

/** A random secret in a field of an item: what is there is taken, what is missing is made, and never made twice. */
export const generatedSecret: Implementation<GeneratedSecretInputs, GeneratedSecretState> = {
  schema,
  connection: ['connectHost', 'connectToken'],
  updateTriggers: ['rotation'],
  secrets: ['connectToken', 'value'],
  create: async (inputs, operation) => {
    const made = await withVault(inputs, operation, (open) => takeOrMake(open, inputs, undefined, operation.signal));
    return { id: `${inputs.title}/${inputs.field}`, outputs: { ...inputs, ...made } };
  },
  update: async (state, inputs, operation) => ({
    ...inputs,
    ...(await withVault(inputs, operation, (open) => takeOrMake(open, inputs, state, operation.signal))),
  }),
  read: (state, operation) =>
    withVault(state, operation, async (open) => {
      const item = await open.find(state.title);
      const value = item && valueOf(item, state.field);
      if (item === undefined || value === undefined) return { ...state, stale: true };
      const { at: madeAt } = managedMarks(item)[state.field] ?? { at: state.madeAt };
      return { ...state, value, madeAt };
    }),
  delete: (state, operation) =>
    withVault(state, operation, async (open) => {
      const item = await open.find(state.title);
      if (item === undefined || !(state.field in managedMarks(item))) return;
      const left = withoutManaged(item, [state.field]);
      await (left === undefined ? open.remove(item) : open.replace(item, left));
    }),
};

const sameMomentMilliseconds = 1_500;

type Made = Pick<GeneratedSecretState, 'value' | 'madeAt'>;

async function takeOrMake(
  open: OpenVault,
  inputs: GeneratedSecretInputs,
  before: GeneratedSecretState | undefined,
  signal: AbortSignal,
): Promise<Made> {
  const { title, field, bytes, encoding, rotation = '' } = inputs;
  const item = await open.find(title);
  const there = item && valueOf(item, field);
  const mark = item && managedMarks(item)[field];
  if (there !== undefined && rotation <= (mark?.rotation ?? '')) {
    return { value: there, madeAt: mark?.at ?? before?.madeAt ?? new Date().toISOString() };
  }
  if (there !== undefined && mark === undefined) {
    throw new UserError(
      `field ${field} of item ${title} in vault ${inputs.vault} is not the program's, so it is not rotated; ` +
        'remove the field to have a new one made, or take the rotation out of the stack',
    );
  }
  // Lost from the vault but known here: the same again, unless another one is wanted.
  const same = before !== undefined && there === undefined && rotation <= (before.rotation ?? '') ? before : undefined;
  const value = same?.value ?? randomBytes(bytes).toString(encoding);
  const madeAt = same?.madeAt ?? new Date().toISOString();
  const fields = withManaged(item ?? {}, { [field]: value }, { at: madeAt, ...(rotation !== '' && { rotation }) });
  const ours = item === undefined ? await open.create(title, fields) : await open.replace(item, fields);
  await sleep(sameMomentMilliseconds, undefined, { signal });
  const winner = (await open.titled(title))[0] ?? ours;
  if (winner.id !== ours.id) {
    await open.remove(ours);
    return takeOrMake(open, inputs, before, signal);
  }
  const now = await open.item(winner.id);
  return { value: valueOf(now, field) ?? value, madeAt: managedMarks(now)[field]?.at ?? madeAt };
}
