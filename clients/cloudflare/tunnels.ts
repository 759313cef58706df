import { UserError } from '../userError';
import { CloudflareApi } from './api';
import { retryTransient } from './retry';

/** A tunnel, as the API returns it. */
export interface Tunnel {
  id: string;
  name: string;
  /** Where its ingress is configured: with the tunnel's client, or in Cloudflare. */
  config_src: 'local' | 'cloudflare';
  deleted_at: string | null;
  /** `inactive` has never been connected; `degraded` serves, but some of its connections are lost. */
  status: 'inactive' | 'degraded' | 'healthy' | 'down';
  /** ISO 8601: since when it has had no connection; null if it has some. */
  conns_inactive_at?: string | null;
}

/** What the program sets of a tunnel. The secret is base64. */
export interface TunnelSettings {
  name: string;
  secret: string;
}

/** The tunnels of one Cloudflare account. Messages never contain the token or a secret. */
export class Tunnels {
  private readonly api: CloudflareApi;

  constructor(
    token: string,
    private readonly accountId: string,
    signal: AbortSignal,
    baseUrl?: string,
  ) {
    this.api = new CloudflareApi(token, signal, baseUrl);
  }

  /** Closes the connections. */
  close(): Promise<void> {
    return this.api.close();
  }

  /** The tunnel of that name. Cloudflare keeps deleted ones, which do not count; the name of the others is unique. */
  async find(name: string): Promise<Tunnel | undefined> {
    const query = new URLSearchParams({ name, is_deleted: 'false' });
    const found = (await this.request<Tunnel[]>('GET', `?${query.toString()}`, name)) ?? [];
    return found.find((tunnel) => tunnel.name === name && tunnel.deleted_at === null);
  }

  /** The tunnel with that id; undefined if it does not exist or was deleted. */
  async get(id: string): Promise<Tunnel | undefined> {
    const tunnel = await this.getAny(id);
    return tunnel?.deleted_at === null ? tunnel : undefined;
  }

  /** The tunnel with that id, also if it was deleted; undefined if it never existed. */
  getAny(id: string): Promise<Tunnel | undefined> {
    return this.request<Tunnel>('GET', `/${id}`, id);
  }

  /** Creates a tunnel whose ingress Git configures, and returns its id. */
  async create({ name, secret }: TunnelSettings): Promise<string> {
    const body = { name, config_src: 'local', tunnel_secret: secret };
    const created = await this.request<Tunnel>('POST', '', name, body);
    if (created === undefined) throw new UserError(`Cloudflare has no account ${this.accountId}`);
    return created.id;
  }

  /** Sets name and secret of a tunnel; false if it does not exist or was deleted. */
  async update(id: string, { name, secret }: TunnelSettings): Promise<boolean> {
    return (await this.request<Tunnel>('PATCH', `/${id}`, name, { name, tunnel_secret: secret })) !== undefined;
  }

  /** Deletes a tunnel. Succeeds if it does not exist or was deleted. */
  async remove(id: string): Promise<void> {
    await this.request<Tunnel>('DELETE', `/${id}`, id);
  }

  /** The result of a call; undefined for a 404. */
  private async request<T>(method: string, path: string, what: string, body?: unknown): Promise<T | undefined> {
    const url = `/accounts/${this.accountId}/cfd_tunnel${path}`;
    const { status, result, errors } = await retryTransient(() => this.api.call<T>(method, url, body));
    if (result !== undefined) return result;
    if (status === 404) return undefined;
    const reasons = errors.map(({ code, message }) => `${message} (${code})`).join(', ');
    throw new UserError(`Cloudflare refused ${method} of tunnel ${what}: ${status} ${reasons}${advice(status)}`);
  }
}

function advice(status: number): string {
  return status === 401 || status === 403 ? '; give cloudflareApiToken "Cloudflare Tunnel Edit" on the account' : '';
}
