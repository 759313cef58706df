import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '../engine/implementation';
import { ConnectClient, ConnectConflict, type Item, type ItemField } from '../../clients/onepassword/connectClient';
import { serialize } from '../../clients/onepassword/serialize';

/** A vault, as resources name it. */
export interface VaultPlace {
  connectHost: string;
  connectToken: string;
  vault: string;
}

/** What resources do in a vault. */
export interface OpenVault {
  /** The item of that title; the oldest where there are several. */
  find(title: string): Promise<Item | undefined>;
  create(title: string, fields: ItemField[]): Promise<Item>;
  /** Puts these fields in the place of the item's. */
  replace(item: Item, fields: ItemField[]): Promise<Item>;
  remove(item: Pick<Item, 'id' | 'title'>): Promise<void>;
  /** Every item of that title, the oldest first. */
  titled: (title: string) => ReturnType<ConnectClient['itemsTitled']>;
  item: (id: string) => Promise<Item>;
}

/** How often work is done again because somebody else wrote in between; pauses grow from some tenths of a second. */
const tries = 8;

/**
 * Opens a vault for some work, and closes the connection whatever comes of it. 1Password refuses a write into a vault that
 * somebody else writes into at the same time: what this program writes waits for its turn, and where another one was
 * faster the work begins again, with what is there now. So it decides by what it reads, and may be done more than once.
 */
export async function withVault<T>(
  { connectHost, connectToken, vault }: VaultPlace,
  { signal, progress }: Operation,
  work: (open: OpenVault) => Promise<T>,
): Promise<T> {
  const connect = new ConnectClient(connectHost, connectToken, signal);
  const write = <R>(change: () => Promise<R>) => serialize(`${connectHost} ${vault}`, change);
  try {
    const vaultId = await connect.vaultId(vault);
    const titled = (title: string) => connect.itemsTitled(vaultId, title);
    const open: OpenVault = {
      titled,
      item: (id) => connect.item(vaultId, id),
      find: async (title) => {
        const [first, ...others] = await titled(title);
        if (others.length > 0) {
          const count = others.length + 1;
          progress.warn(`vault ${vault} has ${count} items ${title}; the oldest counts, remove the others`);
        }
        return first;
      },
      create: (title, fields) => write(() => connect.createNote(vaultId, title, fields)),
      replace: (before, fields) => write(() => connect.replaceFields(vaultId, before, fields)),
      remove: (item) => write(() => connect.deleteItem(vaultId, item)),
    };
    for (let attempt = 1; ; attempt++) {
      try {
        return await work(open);
      } catch (error) {
        if (!(error instanceof ConnectConflict) || attempt === tries) throw error;
      }
      await sleep(randomInt(100, 200) * 2 ** attempt, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  } finally {
    await connect.close();
  }
}
