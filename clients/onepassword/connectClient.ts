import { setTimeout as sleep } from 'node:timers/promises';
import { ItemCategory, OnePasswordConnect, type FullItem, type OPConnect } from '@1password/connect';
import { UserError } from '../userError';
import { ConnectHttpError, ConnectTransport, ConnectUnreachable } from './connectTransport';
import { tokenClaims } from './tokenClaims';

/** A field of an item. */
export interface ItemField {
  id?: string;
  label?: string;
  /** `STRING`, `CONCEALED`, … */
  type?: string;
  value?: string;
}

/** An item with its fields. */
export interface Item {
  id: string;
  title: string;
  /** Incremented by every change. */
  version: number;
  /** ISO 8601. */
  createdAt: string;
  fields?: ItemField[];
}

/** There is no vault of that name, or the token has no access to it. */
export class VaultNotFoundError extends UserError {}

/** Another writer changed the vault at the same time: what was read before may be outdated. */
export class ConnectConflict extends UserError {}

class NotFoundError extends UserError {}

/**
 * Connect reads from a copy of the vault that `connect-sync` updates, usually within a second. After a write, the copy
 * is polled until it shows the change.
 */
const visibilityAttempts = 120;
const visibilityIntervalMilliseconds = 250;
/** Attempts to read the items of a list; one that is deleted in between fails the attempt. */
const listAttempts = 5;

/**
 * The operations on 1Password Connect that we need, on top of its official client. Honours HTTPS_PROXY and NO_PROXY.
 * Errors name the host, the vault or item, and what to do, but never a token or a value.
 */
export class ConnectClient {
  private readonly base: string;
  private readonly transport: ConnectTransport;
  private readonly connect: OPConnect;

  /** `pauses`: milliseconds before each retry of a request that may succeed if repeated. */
  constructor(
    host: string,
    private readonly token: string,
    private readonly signal: AbortSignal,
    pauses?: readonly number[],
  ) {
    this.base = host.replace(/\/+$/, '');
    this.transport = new ConnectTransport(this.base, signal, pauses);
    this.connect = OnePasswordConnect({ serverURL: this.base, token, httpClient: this.transport });
  }

  /** Closes the connections. */
  close(): Promise<void> {
    return this.transport.close();
  }

  /** The id of the vault of that name. */
  async vaultId(name: string): Promise<string> {
    const vaults = await this.call(`GET of vault ${name}`, () => this.connect.listVaultsByTitle(name));
    const found = vaults.find((vault) => vault.name === name)?.id;
    if (found) return found;
    throw new VaultNotFoundError(
      `1Password Connect at ${this.base} lists no vault ${name}; correct ONEPASSWORD_VAULT in the cluster settings, ` +
        'or give the token access to that vault',
    );
  }

  /** Items of exactly that title, the oldest first. */
  async itemsByTitle(vaultId: string, title: string): Promise<Item[]> {
    const list = () => this.call(`GET of item ${title}`, () => this.connect.listItemsByTitle(vaultId, title));
    let items: FullItem[] | undefined;
    for (let attempt = 1; items === undefined; attempt++) {
      try {
        items = await list();
      } catch (error) {
        if (!(error instanceof NotFoundError) || attempt === listAttempts) throw error;
      }
    }
    return items
      .map(plainItem)
      .filter((item) => item.title === title)
      .sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id));
  }

  /** The item with all its fields. */
  async item(vaultId: string, itemId: string): Promise<Item> {
    return plainItem(await this.call(`GET of item ${itemId}`, () => this.connect.getItemById(vaultId, itemId)));
  }

  /**
   * Creates a secure note with these fields, and waits until Connect returns it.
   *
   * @throws ConnectConflict if another writer changed the vault at the same time; the note then does not exist
   */
  async createNote(vaultId: string, title: string, fields: ItemField[]): Promise<Item> {
    const note = { vault: { id: vaultId }, title, category: ItemCategory.SecureNote, fields } as FullItem;
    const created = plainItem(await this.call(`POST of item ${title}`, () => this.connect.createItem(vaultId, note)));
    return this.waitUntilVisible(vaultId, created, (now) => now);
  }

  /**
   * Replaces the fields of an item, keeps everything else in it, and waits until Connect returns the change.
   *
   * @throws ConnectConflict if another writer changed the item since it was read, or the vault at the same time
   */
  async replaceFields(vaultId: string, { id, title, version }: Item, fields: ItemField[]): Promise<Item> {
    const current = await this.call(`GET of item ${title}`, () => this.connect.getItemById(vaultId, id));
    if (plainItem(current).version !== version) {
      throw new ConnectConflict(`another writer changed item ${title} at the same time; run again`);
    }
    const changed = Object.assign(current, { fields });
    await this.call(`PUT of item ${title}`, () => this.connect.updateItem(vaultId, changed));
    // The response still has the old version.
    return this.waitUntilVisible(vaultId, { id, title }, (now) => (now && now.version > version ? now : undefined));
  }

  /** Deletes an item, and waits until Connect no longer returns it. Succeeds if the item does not exist. */
  async deleteItem(vaultId: string, { id, title }: Pick<Item, 'id' | 'title'>): Promise<void> {
    try {
      await this.call(`DELETE of item ${title}`, () => this.connect.deleteItemById(vaultId, id));
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
    await this.waitUntilVisible(vaultId, { id, title }, (now) => (now === undefined ? true : undefined));
  }

  private async waitUntilVisible<T>(
    vaultId: string,
    { id, title }: Pick<Item, 'id' | 'title'>,
    visible: (now: Item | undefined) => T | undefined,
  ): Promise<T> {
    for (let attempt = 1; attempt <= visibilityAttempts; attempt++) {
      const result = visible(await this.itemIfExists(vaultId, id));
      if (result !== undefined) return result;
      await sleep(visibilityIntervalMilliseconds, undefined, { signal: this.signal }).catch(() =>
        this.signal.throwIfAborted(),
      );
    }
    throw new UserError(
      `1Password Connect at ${this.base} accepted the change of item ${title} but does not return it after ` +
        `${(visibilityAttempts * visibilityIntervalMilliseconds) / 1000} s; check that its connect-sync is running, ` +
        'then run again',
    );
  }

  private async itemIfExists(vaultId: string, itemId: string): Promise<Item | undefined> {
    try {
      return await this.item(vaultId, itemId);
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  private async call<T>(what: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      if (error instanceof ConnectUnreachable) {
        throw new UserError(`1Password Connect at ${this.base} cannot be reached: ${error.message}`);
      }
      if (!(error instanceof ConnectHttpError)) throw error;
      const { status, reason } = error;
      const message = `1Password Connect at ${this.base} refused ${what}: ${status} ${reason}`;
      if (status === 404) throw new NotFoundError(message);
      if (status === 409) throw new ConnectConflict(`${message}; another writer is changing the vault, run again`);
      throw new UserError(message + this.advice(status, what.startsWith('GET')));
    }
  }

  private advice(status: number, isRead: boolean): string {
    const { expiresAt } = tokenClaims(this.token);
    if (status === 401 && expiresAt !== undefined && expiresAt * 1000 <= Date.now()) {
      return `; the token expired at ${new Date(expiresAt * 1000).toISOString()}, create a new one`;
    }
    if (!isRead && (status === 401 || status === 403)) {
      return '; set a token with write access: pulumi config set --secret connectWriteToken';
    }
    if (status === 401) return '; set a valid token: pulumi config set --secret connectWriteToken';
    if (status === 403) return '; the token has no access to this vault';
    return '';
  }
}

/** A plain object for an item of the client, with dates as text. */
function plainItem({ id = '', title = '', version = 0, createdAt, fields = [] }: FullItem): Item {
  // The client does not convert dates in lists.
  const created = createdAt as Date | string | undefined;
  return {
    id,
    title,
    version,
    createdAt: created instanceof Date ? created.toISOString() : (created ?? ''),
    fields: fields.map((field): ItemField => ({ ...field, type: field.type as string | undefined })),
  };
}
