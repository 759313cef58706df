import type { Operation } from '../implementation';
import { ConnectClient, type Item, type ItemField } from './connectClient';

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
  remove(item: Pick<Item, 'id'>): Promise<void>;
  /** Every item of that title, the oldest first. */
  titled: (title: string) => ReturnType<ConnectClient['itemsTitled']>;
  item: (id: string) => Promise<Item>;
}

/** Opens a vault for some work, and closes the connection whatever comes of it. */
export async function withVault<T>(
  { connectHost, connectToken, vault }: VaultPlace,
  { signal, progress }: Operation,
  work: (open: OpenVault) => Promise<T>,
): Promise<T> {
  const connect = new ConnectClient(connectHost, connectToken, signal);
  try {
    const vaultId = await connect.vaultId(vault);
    const titled = (title: string) => connect.itemsTitled(vaultId, title);
    const item = (id: string) => connect.item(vaultId, id);
    return await work({
      titled,
      item,
      find: async (title) => {
        const [first, ...others] = await titled(title);
        if (others.length > 0) {
          const count = others.length + 1;
          progress.warn(`vault ${vault} has ${count} items ${title}; the oldest counts, remove the others`);
        }
        return first;
      },
      create: (title, fields) => connect.createNote(vaultId, title, fields),
      replace: (before, fields) => connect.replaceFields(vaultId, before, fields),
      remove: ({ id }) => connect.deleteItem(vaultId, id),
    });
  } finally {
    await connect.close();
  }
}
