import { ItemCategory, OnePasswordConnect, type FullItem, type OPConnect } from '@1password/connect';
import { PlainError } from '../plainError';
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
  /** ISO 8601. */
  createdAt: string;
  fields?: ItemField[];
}

/** The token sees no vault of that name. */
export class NoVaultError extends PlainError {}

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
    signal: AbortSignal,
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
    const items = await this.ask(`GET of item ${title}`, () => this.connect.listItemsByTitle(vaultId, title));
    return items
      .map(plainItem)
      .filter((item) => item.title === title)
      .sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id));
  }

  /** The whole item. */
  async item(vaultId: string, itemId: string): Promise<Item> {
    return plainItem(await this.ask(`GET of item ${itemId}`, () => this.connect.getItemById(vaultId, itemId)));
  }

  /** Creates a secure note with these fields. */
  async createNote(vaultId: string, title: string, fields: ItemField[]): Promise<Item> {
    const note = { vault: { id: vaultId }, title, category: ItemCategory.SecureNote, fields } as FullItem;
    return plainItem(await this.ask(`POST of item ${title}`, () => this.connect.createItem(vaultId, note)));
  }

  /** Gives an item other fields; what else is in it stays. */
  async replaceFields(vaultId: string, { id, title }: Item, fields: ItemField[]): Promise<Item> {
    const whole = await this.ask(`GET of item ${title}`, () => this.connect.getItemById(vaultId, id));
    const changed = Object.assign(whole, { fields });
    return plainItem(await this.ask(`PUT of item ${title}`, () => this.connect.updateItem(vaultId, changed)));
  }

  /** Deletes an item. */
  async deleteItem(vaultId: string, itemId: string): Promise<void> {
    await this.ask(`DELETE of item ${itemId}`, () => this.connect.deleteItemById(vaultId, itemId));
  }

  private async ask<T>(what: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request();
    } catch (error) {
      if (error instanceof ConnectSilence) {
        throw new PlainError(`1Password Connect at ${this.base} cannot be reached: ${error.message}`);
      }
      if (!(error instanceof ConnectRefusal)) throw error;
      const { status, reason } = error;
      const refused = `1Password Connect at ${this.base} refused ${what}: ${status} ${reason}`;
      throw new PlainError(refused + this.advice(status, what.startsWith('GET')));
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
function plainItem({ id = '', title = '', createdAt, fields = [] }: FullItem): Item {
  // Lists that the client does not convert have text here.
  const created = createdAt as Date | string | undefined;
  return {
    id,
    title,
    createdAt: created instanceof Date ? created.toISOString() : (created ?? ''),
    fields: fields.map((field): ItemField => ({ ...field, type: field.type as string | undefined })),
  };
}
