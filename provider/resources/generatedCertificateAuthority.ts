import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import {
  authorityProblem,
  makeCertificateAuthority,
  type CertificateAuthority,
} from './certificates/certificateAuthority';
import type { Implementation, Operation } from '../engine/implementation';
import type { GeneratedCertificateAuthorityInputs } from './inputs';
import type { Item } from '../../clients/onepassword/connectClient';
import { managedMarks, valueOf, withManaged } from '../../clients/onepassword/managedFields';
import { withVault, type OpenVault } from './withVault';
import { UserError } from '../../clients/userError';
import { nonEmpty, vaultPlace } from './schemas';

/** What is recorded. The key is also in the vault; state has it (encrypted) so that no `up` needs the vault again. */
export interface GeneratedCertificateAuthorityState extends CertificateAuthority {
  connectHost: string;
  connectToken: string;
  vault: string;
  title: string;
  rotation?: string | undefined;
  /** PEM: the certificate, then the one before it if there was one. */
  bundle: string;
  /** ISO 8601. */
  madeAt: string;
  /** After a refresh that did not find it: the next update puts it back. */
  stale?: boolean;
}

const schema: z.ZodType<GeneratedCertificateAuthorityInputs> = z.object({
  ...vaultPlace,
  title: nonEmpty,
  commonName: nonEmpty,
  validityYears: z.number().int().min(1).max(50),
  rotation: nonEmpty.optional(),
});

/** Labels of the item's fields. */
const labels = { certificate: 'ca.crt', privateKey: 'ca.key', previous: 'previous.ca.crt' } as const;

/** Takes the authority from the vault, or puts a new one there first. All clusters share it: deleting only forgets. */
export const generatedCertificateAuthority: Implementation<
  GeneratedCertificateAuthorityInputs,
  GeneratedCertificateAuthorityState
> = {
  schema,
  connection: ['connectHost', 'connectToken'],
  updateTriggers: ['rotation'],
  secrets: ['connectToken', 'privateKey'],
  create: async (inputs, operation) => {
    const { id, ...authority } = await withVault(inputs, operation, (open) => takeOrMake(open, inputs, operation));
    return { id, outputs: { ...placeOf(inputs), ...authority } };
  },
  update: async (state, inputs, operation) => {
    const { id: _same, ...authority } = await withVault(inputs, operation, async (open) => {
      if (state.stale && (await open.find(inputs.title)) === undefined) await putBack(open, state);
      return takeOrMake(open, inputs, operation);
    });
    return { ...placeOf(inputs), ...authority };
  },
  read: (state, operation) =>
    withVault(state, operation, async (open) => {
      const item = await open.find(state.title);
      if (item === undefined) return { ...state, stale: true };
      const { id: _same, ...authority } = readAuthority(item, state.vault);
      return { ...state, ...authority };
    }),
};

function placeOf({ connectHost, connectToken, vault, title, rotation }: GeneratedCertificateAuthorityInputs) {
  return { connectHost, connectToken, vault, title, ...(rotation !== undefined && { rotation }) };
}

const sameMomentMilliseconds = 1_500;

type Taken = CertificateAuthority & { id: string; bundle: string; madeAt: string };

async function takeOrMake(
  open: OpenVault,
  inputs: GeneratedCertificateAuthorityInputs,
  operation: Operation,
): Promise<Taken> {
  const { vault, title, commonName, validityYears, rotation = '' } = inputs;
  const { progress, signal } = operation;
  const before = await open.find(title);
  const mark = before && managedMarks(before)[labels.privateKey];
  const taken = before && readAuthority(before, vault);
  if (taken !== undefined && rotation <= (mark?.rotation ?? '')) return taken;
  if (taken !== undefined && mark === undefined) {
    throw new UserError(
      `the authority in item ${title} in vault ${vault} is not the program's, so it is not rotated; ` +
        'put a new one there, or take the rotation out of the stack',
    );
  }
  const made = await makeCertificateAuthority(commonName, validityYears);
  const values = {
    [labels.certificate]: made.certificate,
    [labels.privateKey]: made.privateKey,
    ...(taken !== undefined && { [labels.previous]: taken.certificate }),
  };
  const fields = withManaged(before ?? {}, values, {
    at: new Date().toISOString(),
    ...(rotation !== '' && { rotation }),
  });
  const ours = before === undefined ? await open.create(title, fields) : await open.replace(before, fields);
  // Another cluster's `up` may do the same in the same moment: of two new items the older stays, of two rotations the
  // later, and both take that. The pause lets both see it, also where creation times are whole seconds.
  await sleep(sameMomentMilliseconds, undefined, { signal });
  const winner = (await open.titled(title))[0] ?? ours;
  if (winner.id !== ours.id) await open.remove(ours);
  else progress.info(`made a new certificate authority and put it into vault ${vault} as ${title}`);
  return readAuthority(await open.item(winner.id), vault);
}

async function putBack(open: OpenVault, state: GeneratedCertificateAuthorityState): Promise<void> {
  const [, previous] = state.bundle.split(/(?<=-----END CERTIFICATE-----\n)/);
  const values = {
    [labels.certificate]: state.certificate,
    [labels.privateKey]: state.privateKey,
    ...(previous && { [labels.previous]: previous }),
  };
  const { rotation, madeAt: at, title } = state;
  await open.create(title, withManaged({}, values, { at, ...(rotation !== undefined && { rotation }) }));
}

function readAuthority(item: Item, vault: string): Taken {
  const field = (label: string): string => {
    const value = valueOf(item, label);
    if (value) return value;
    throw new UserError(`item ${item.title} in vault ${vault} has no field ${label}; add it, or remove the item`);
  };
  const authority = { certificate: field(labels.certificate), privateKey: field(labels.privateKey) };
  const problem = authorityProblem(authority);
  if (problem) throw new UserError(`item ${item.title} in vault ${vault}: ${problem}`);
  const bundle = authority.certificate + (valueOf(item, labels.previous) ?? '');
  return { id: item.id, ...authority, bundle, madeAt: managedMarks(item)[labels.privateKey]?.at ?? item.createdAt };
}
