import { setTimeout as sleep } from 'node:timers/promises';
import { ItemCategory, OnePasswordConnect, type FullItem, type OPConnect } from '@1password/connect';
import { UserError } from '../userError';
import { ConnectRefusal, ConnectSilence, ConnectTransport } from './connectTransport';
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
  /** Counts its changes. */
  version: number;
  /** ISO 8601. */
  createdAt: string;
  fields?: ItemField[];
}

/** The token sees no vault of that name. */
export class NoVaultError extends UserError {}

/** Somebody else wrote into the vault in the same moment: what was read before may hold no longer. */
export class ConnectConflict extends UserError {}

class NotFound extends UserError {}

/**
 * Connect reads from a copy of the vault that `connect-sync` brings up to date, as a rule within a second. So whoever
 * writes looks until the copy has it: this often, after this pause.
 */
const looks = 120;
const lookMilliseconds = 250;
/** How often a list is read again of which an item has gone before it was read. */
const listings = 5;

/**
 * What we do with 1Password Connect, by its own client. Honours HTTPS_PROXY and NO_PROXY. Errors name host, vault or item,
 * and the way out, never a token or a value.
 */
export class ConnectClient {
  private readonly base: string;
  private readonly transport: ConnectTransport;
  private readonly connect: OPConnect;

  /** `pauses`: milliseconds before each further try of what another try may mend. */
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
    const vaults = await this.ask(`GET of vault ${name}`, () => this.connect.listVaultsByTitle(name));
    const found = vaults.find((vault) => vault.name === name)?.id;
    if (found) return found;
    throw new NoVaultError(
      `1Password Connect at ${this.base} shows no vault ${name}; correct ONEPASSWORD_VAULT in the cluster settings, ` +
        'or give the token access to that vault',
    );
  }

  /** Items of exactly that title, the oldest first. */
  async itemsTitled(vaultId: string, title: string): Promise<Item[]> {
    const list = () => this.ask(`GET of item ${title}`, () => this.connect.listItemsByTitle(vaultId, title));
    let items: FullItem[] | undefined;
    for (let tries = 1; items === undefined; tries++) {
      try {
        items = await list();
      } catch (error) {
        if (!(error instanceof NotFound) || tries === listings) throw error;
      }
    }
    return items
      .map(plainItem)
      .filter((item) => item.title === title)
      .sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id));
  }

  /** The whole item. */
  async item(vaultId: string, itemId: string): Promise<Item> {
    return plainItem(await this.ask(`GET of item ${itemId}`, () => this.connect.getItemById(vaultId, itemId)));
  }

  /**
   * Creates a secure note with these fields, and waits until Connect shows it.
   *
   * @throws ConnectConflict when somebody else wrote in the same moment; then there is no note
   */
  async createNote(vaultId: string, title: string, fields: ItemField[]): Promise<Item> {
    const note = { vault: { id: vaultId }, title, category: ItemCategory.SecureNote, fields } as FullItem;
    const made = plainItem(await this.ask(`POST of item ${title}`, () => this.connect.createItem(vaultId, note)));
    return this.whenShown(vaultId, made, (now) => now);
  }

  /**
   * Gives an item other fields, and waits until Connect shows them; what else is in it stays.
   *
   * @throws ConnectConflict when somebody else changed the item since it was read, or wrote in the same moment
   */
  async replaceFields(vaultId: string, { id, title, version }: Item, fields: ItemField[]): Promise<Item> {
    const whole = await this.ask(`GET of item ${title}`, () => this.connect.getItemById(vaultId, id));
    if (plainItem(whole).version !== version) {
      throw new ConnectConflict(`item ${title} was changed by somebody else in the same moment; run again`);
    }
    const changed = Object.assign(whole, { fields });
    await this.ask(`PUT of item ${title}`, () => this.connect.updateItem(vaultId, changed));
    // Not what was answered: its version is still the old one.
    return this.whenShown(vaultId, { id, title }, (now) => (now && now.version > version ? now : undefined));
  }

  /** Deletes an item, and waits until Connect shows it no more. One that is gone already is no error. */
  async deleteItem(vaultId: string, { id, title }: Pick<Item, 'id' | 'title'>): Promise<void> {
    try {
      await this.ask(`DELETE of item ${title}`, () => this.connect.deleteItemById(vaultId, id));
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
    }
    await this.whenShown(vaultId, { id, title }, (now) => (now === undefined ? true : undefined));
  }

  private async whenShown<T>(
    vaultId: string,
    { id, title }: Pick<Item, 'id' | 'title'>,
    wanted: (now: Item | undefined) => T | undefined,
  ): Promise<T> {
    for (let look = 1; look <= looks; look++) {
      const found = wanted(await this.ifThere(vaultId, id));
      if (found !== undefined) return found;
      await sleep(lookMilliseconds, undefined, { signal: this.signal }).catch(() => this.signal.throwIfAborted());
    }
    throw new UserError(
      `1Password Connect at ${this.base} took the change of item ${title}, and does not show it after ` +
        `${(looks * lookMilliseconds) / 1000} s; see whether its connect-sync runs, then run again`,
    );
  }

  private async ifThere(vaultId: string, itemId: string): Promise<Item | undefined> {
    try {
      return await this.item(vaultId, itemId);
    } catch (error) {
      if (error instanceof NotFound) return undefined;
      throw error;
    }
  }

  private async ask<T>(what: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      if (error instanceof ConnectSilence) {
        throw new UserError(`1Password Connect at ${this.base} cannot be reached: ${error.message}`);
      }
      if (!(error instanceof ConnectRefusal)) throw error;
      const { status, reason } = error;
      const refused = `1Password Connect at ${this.base} refused ${what}: ${status} ${reason}`;
      if (status === 404) throw new NotFound(refused);
      if (status === 409) throw new ConnectConflict(`${refused}; somebody else writes into the vault, run again`);
      throw new UserError(refused + this.advice(status, what.startsWith('GET')));
    }
  }

  private advice(status: number, reads: boolean): string {
    const { expiresAt } = tokenClaims(this.token);
    if (status === 401 && expiresAt !== undefined && expiresAt * 1000 <= Date.now()) {
      return `; the token expired at ${new Date(expiresAt * 1000).toISOString()}, make another one`;
    }
    if (!reads && (status === 401 || status === 403)) {
      return '; set a token that may write: pulumi config set --secret connectWriteToken';
    }
    if (status === 401) return '; set a valid token: pulumi config set --secret connectWriteToken';
    if (status === 403) return '; the token has no access to this vault';
    return '';
  }
}

/** The client's item without its class: dates as text. */
function plainItem({ id = '', title = '', version = 0, createdAt, fields = [] }: FullItem): Item {
  // Lists that the client does not convert have text here.
  const created = createdAt as Date | string | undefined;
  return {
    id,
    title,
    version,
    createdAt: created instanceof Date ? created.toISOString() : (created ?? ''),
    fields: fields.map((field): ItemField => ({ ...field, type: field.type as string | undefined })),
  };
}
