import { Agent, fetch, ProxyAgent, type Dispatcher, type Response } from 'undici';
import { PlainError } from '../plainError';
import { proxyFor } from './proxyFor';

/** A field of an item. */
export interface ItemField {
  label?: string;
  /** `STRING`, `CONCEALED`, … */
  type?: string;
  value?: string;
}

/** An item as lists show it, without fields. */
export interface ItemSummary {
  id: string;
  title: string;
  /** ISO 8601. */
  createdAt: string;
}

/** An item with its fields. */
export interface Item extends ItemSummary {
  fields?: ItemField[];
}

const answerTimeoutMilliseconds = 30_000;

/**
 * The part of 1Password Connect's API (v1) that we use. It honours HTTPS_PROXY and NO_PROXY. Errors name host, vault and way out, never the token.
 */
export class ConnectClient {
  private readonly dispatcher: Dispatcher;
  private readonly base: string;

  constructor(
    host: string,
    private readonly token: string,
    private readonly signal: AbortSignal,
  ) {
    this.base = host.replace(/\/+$/, '');
    const proxy = proxyFor(this.base, process.env);
    this.dispatcher = proxy === undefined ? new Agent() : new ProxyAgent(proxy);
  }

  /** Closes the connections. */
  close(): Promise<void> {
    return this.dispatcher.close();
  }

  /** The id of the vault of that name. */
  async vaultId(name: string): Promise<string> {
    const query = new URLSearchParams({ filter: `name eq ${JSON.stringify(name)}` }).toString();
    const vaults = await this.request<{ id: string; name: string }[]>('GET', `/v1/vaults?${query}`, `vault ${name}`);
    const found = vaults.find((vault) => vault.name === name);
    if (found) return found.id;
    throw new PlainError(
      `1Password Connect at ${this.base} shows no vault ${name}; correct ONEPASSWORD_VAULT in the cluster settings, ` +
        'or give the token access to that vault',
    );
  }

  /** Items of exactly that title, the oldest first. */
  async itemsTitled(vaultId: string, title: string): Promise<ItemSummary[]> {
    const query = new URLSearchParams({ filter: `title eq ${JSON.stringify(title)}` }).toString();
    const items = await this.request<ItemSummary[]>('GET', `/v1/vaults/${vaultId}/items?${query}`, `item ${title}`);
    return items
      .filter((item) => item.title === title)
      .sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.id.localeCompare(b.id));
  }

  /** The whole item. */
  item(vaultId: string, itemId: string): Promise<Item> {
    return this.request('GET', `/v1/vaults/${vaultId}/items/${itemId}`, `item ${itemId}`);
  }

  /** Creates a secure note with these fields. */
  createNote(vaultId: string, title: string, fields: ItemField[]): Promise<Item> {
    const item = { vault: { id: vaultId }, title, category: 'SECURE_NOTE', fields };
    return this.request('POST', `/v1/vaults/${vaultId}/items`, `item ${title}`, item);
  }

  /** Deletes an item. */
  async deleteItem(vaultId: string, itemId: string): Promise<void> {
    await this.request('DELETE', `/v1/vaults/${vaultId}/items/${itemId}`, `item ${itemId}`);
  }

  private async request<T>(method: string, path: string, what: string, body?: unknown): Promise<T> {
    let response: Response;
    try {
      response = await fetch(this.base + path, {
        method,
        headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        dispatcher: this.dispatcher,
        signal: AbortSignal.any([this.signal, AbortSignal.timeout(answerTimeoutMilliseconds)]),
      });
    } catch (error) {
      throw new PlainError(`1Password Connect at ${this.base} cannot be reached: ${causeOf(error)}`);
    }
    const text = await response.text();
    if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T;
    throw new PlainError(
      `1Password Connect at ${this.base} refused ${method} of ${what}: ${response.status} ${reasonOf(text)}` +
        advice(response.status, method),
    );
  }
}

function advice(status: number, method: string): string {
  if (method !== 'GET' && (status === 401 || status === 403)) {
    return '; set a token that may write: pulumi config set --secret connectWriteToken';
  }
  if (status === 401) return '; set a valid token: pulumi config set --secret connectWriteToken';
  if (status === 403) return '; the token has no access to this vault';
  return '';
}

function reasonOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // A proxy's page, not Connect's JSON.
  }
  return text.slice(0, 120).trim() || 'without a reason';
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error) return cause.errors[0].message;
  return cause instanceof Error ? cause.message : error.message;
}
