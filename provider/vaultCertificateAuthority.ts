import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import {
  authorityProblem,
  makeCertificateAuthority,
  type CertificateAuthority,
} from './certificates/certificateAuthority';
import type { Implementation, Operation } from './implementation';
import type { VaultCertificateAuthorityInputs } from './inputs';
import { ConnectClient, type Item } from './onepassword/connectClient';
import { PlainError } from './plainError';
import { nonEmpty } from './schemas';

/** What is recorded. The key is also in the vault; state has it (encrypted) so that no `up` needs the vault again. */
export interface VaultCertificateAuthorityState extends CertificateAuthority {
  connectHost: string;
  connectToken: string;
  vault: string;
  title: string;
}

const schema: z.ZodType<VaultCertificateAuthorityInputs> = z.object({
  connectHost: z.url({ protocol: /^https?$/, message: 'must be an http(s) URL' }),
  connectToken: nonEmpty,
  vault: nonEmpty,
  title: nonEmpty,
  commonName: nonEmpty,
  validityYears: z.number().int().min(1).max(50),
});

/** Takes the authority from the vault, or puts a new one there first. All clusters share it: it is never replaced. */
export const vaultCertificateAuthority: Implementation<
  VaultCertificateAuthorityInputs,
  VaultCertificateAuthorityState
> = {
  schema,
  connection: ['connectHost', 'connectToken'],
  secrets: ['connectToken', 'privateKey'],
  create: async (inputs, operation) => {
    const { connectHost, connectToken, vault, title } = inputs;
    const connect = new ConnectClient(connectHost, connectToken, operation.signal);
    try {
      const { id, ...authority } = await takeOrMake(connect, inputs, operation);
      return { id, outputs: { connectHost, connectToken, vault, title, ...authority } };
    } finally {
      await connect.close();
    }
  },
};

const sameMomentMilliseconds = 1_500;

async function takeOrMake(
  connect: ConnectClient,
  { vault, title, commonName, validityYears }: VaultCertificateAuthorityInputs,
  { progress, signal }: Operation,
): Promise<CertificateAuthority & { id: string }> {
  const vaultId = await connect.vaultId(vault);
  const before = await connect.itemsTitled(vaultId, title);
  if (before.length > 1) {
    progress.warn(`vault ${vault} has ${before.length} items ${title}; the oldest counts, remove the others`);
  }
  if (before[0]) return readAuthority(await connect.item(vaultId, before[0].id), vault);

  const made = await makeCertificateAuthority(commonName, validityYears);
  const ours = await connect.createNote(vaultId, title, [
    { label: 'ca.crt', type: 'STRING', value: made.certificate },
    { label: 'ca.key', type: 'CONCEALED', value: made.privateKey },
  ]);
  // Another cluster's `up` may have made one in the same moment: both take the older, and the younger goes away. The
  // pause lets both see both, also where creation times are whole seconds.
  await sleep(sameMomentMilliseconds, undefined, { signal });
  const oldest = (await connect.itemsTitled(vaultId, title))[0] ?? ours;
  if (oldest.id === ours.id) {
    progress.info(`made a new certificate authority and put it into vault ${vault} as ${title}`);
    return { id: ours.id, ...made };
  }
  await connect.deleteItem(vaultId, ours.id);
  return readAuthority(await connect.item(vaultId, oldest.id), vault);
}

function readAuthority(item: Item, vault: string): CertificateAuthority & { id: string } {
  const field = (label: string): string => {
    const value = item.fields?.find((candidate) => candidate.label === label)?.value;
    if (value) return value;
    throw new PlainError(`item ${item.title} in vault ${vault} has no field ${label}; add it, or remove the item`);
  };
  const authority = { certificate: field('ca.crt'), privateKey: field('ca.key') };
  const problem = authorityProblem(authority);
  if (problem) throw new PlainError(`item ${item.title} in vault ${vault}: ${problem}`);
  return { id: item.id, ...authority };
}
