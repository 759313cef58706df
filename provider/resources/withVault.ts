import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectClient, ConnectConflict, type Item, type ItemField } from '../../clients/onepassword/connectClient';
import { serialize } from '../../clients/onepassword/serialize';
import type { Operation } from '../engine/implementation';

/** Which vault, and how to reach it. */
export interface VaultLocation {
  connectHost: string;
  connectToken: string;
  vault: string;
}

/** The operations on a vault that resources use. */
export interface OpenVault {
  /** The item with that title; the oldest one, with a warning, if there are several. */
  find(title: string): Promise<Item | undefined>;
  create(title: string, fields: ItemField[]): Promise<Item>;
  /** Replaces the fields of an item. */
  replace(item: Item, fields: ItemField[]): Promise<Item>;
  remove(item: Pick<Item, 'id' | 'title'>): Promise<void>;
  /** All items with that title, the oldest first. */
  itemsByTitle: (title: string) => ReturnType<ConnectClient['itemsByTitle']>;
  item: (id: string) => Promise<Item>;
}

/** Attempts if other writers interfere; the pauses between them grow from a few tenths of a second. */
const attempts = 8;

/**
 * Runs the work with an open vault, and closes the connection afterwards. 1Password rejects a write while another one
 * into the same vault is in progress. Writes of this process are therefore serialized; if another writer interferes,
 * the work starts over and reads the vault again. So it must decide by what it reads, and it may run more than once.
 */
export async function withVault<T>(
  { connectHost, connectToken, vault }: VaultLocation,
  { signal, progress }: Operation,
  work: (open: OpenVault) => Promise<T>,
): Promise<T> {
  const connect = new ConnectClient(connectHost, connectToken, signal);
  const write = <R>(change: () => Promise<R>) => serialize(`${connectHost} ${vault}`, change);
  try {
    const vaultId = await connect.vaultId(vault);
    const itemsByTitle = (title: string) => connect.itemsByTitle(vaultId, title);
    const open: OpenVault = {
      itemsByTitle,
      item: (id) => connect.item(vaultId, id),
      find: async (title) => {
        const [oldest, ...others] = await itemsByTitle(title);
        if (others.length > 0) {
          const count = others.length + 1;
          progress.warn(`vault ${vault} has ${count} items ${title}; the oldest one is used, remove the others`);
        }
        return oldest;
      },
      create: (title, fields) => write(() => connect.createNote(vaultId, title, fields)),
      replace: (before, fields) => write(() => connect.replaceFields(vaultId, before, fields)),
      remove: (item) => write(() => connect.deleteItem(vaultId, item)),
    };
    for (let attempt = 1; ; attempt++) {
      try {
        return await work(open);
      } catch (error) {
        if (!(error instanceof ConnectConflict) || attempt === attempts) throw error;
      }
      await sleep(randomInt(100, 200) * 2 ** attempt, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  } finally {
    await connect.close();
  }
}
