import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { cloudflareError, type StoredAccount, type StoredTunnel } from './types';

/** What stand-ins of cloudflared send. The real protocol is QUIC; this path exists in the lab only. */
export const connectionsPath = '/lab/tunnel-connections';
/** The host that cloudflared connects to. */
export const connectorHost = 'region1.v2.argotunnel.com';

/** A connector that has not been heard of for so long is gone. */
const lifetimeMilliseconds = 45_000;
/** Connections that each cloudflared keeps open, to two data centers. */
const connectionsEach = 4;

const bodySchema = z.object({ token: z.string(), connectors: z.int().min(0).max(25) });
const tokenSchema = z.object({ a: z.string(), t: z.string(), s: z.string() });

/** The connections of tunnels. Like Cloudflare's, they do not outlast the server. */
export class TunnelConnections {
  private readonly connected = new Map<string, { connectors: number; since: string; until: number }>();
  private readonly lost = new Map<string, string>();

  /**
   * Takes the word of a stand-in of cloudflared that so many of it run with that token.
   * @throws CloudflareError 401 if the token is not that of a tunnel
   */
  register(accounts: readonly StoredAccount[], body: unknown, now: Date): void {
    const parsed = bodySchema.safeParse(body);
    if (!parsed.success) throw cloudflareError(400, 1001, 'token and connectors are required');
    const { token, connectors } = parsed.data;
    const tunnel = tunnelOf(accounts, token);
    if (tunnel === undefined) throw cloudflareError(401, 1000, 'Unauthorized: Invalid tunnel secret');
    this.expire(now);
    const since = this.connected.get(tunnel.id)?.since ?? now.toISOString();
    if (connectors === 0) this.drop(tunnel.id, now);
    else this.connected.set(tunnel.id, { connectors, since, until: now.getTime() + lifetimeMilliseconds });
  }

  /** The fields of a tunnel about its connections, as the API shows them. */
  show({ id, created_at }: StoredTunnel, now: Date): Record<string, unknown> {
    this.expire(now);
    const found = this.connected.get(id);
    if (found === undefined) {
      const lostAt = this.lost.get(id);
      const status = lostAt === undefined ? 'inactive' : 'down';
      return { connections: [], conns_active_at: null, conns_inactive_at: lostAt ?? created_at, status };
    }
    const connections = Array.from({ length: found.connectors * connectionsEach }, (_, at) => ({
      ...{ colo_name: 'lab', is_pending_reconnect: false, origin_ip: '127.0.0.1', opened_at: found.since },
      ...{ id: `${id}-${at}`, uuid: `${id}-${at}`, client_id: `${id}-${Math.floor(at / connectionsEach)}` },
      client_version: 'lab stand-in',
    }));
    return { connections, conns_active_at: found.since, conns_inactive_at: null, status: 'healthy' };
  }

  private expire(now: Date): void {
    for (const [id, { until }] of this.connected) if (until <= now.getTime()) this.drop(id, new Date(until));
  }

  private drop(id: string, at: Date): void {
    if (this.connected.delete(id)) this.lost.set(id, at.toISOString());
  }
}

function tunnelOf(accounts: readonly StoredAccount[], token: string): StoredTunnel | undefined {
  try {
    const { a, t, s } = tokenSchema.parse(JSON.parse(Buffer.from(token, 'base64').toString()));
    const tunnels = accounts.find(({ id }) => id === a)?.tunnels ?? [];
    return tunnels.find(({ id, secret, deleted_at }) => id === t && secret === s && deleted_at === null);
  } catch {
    return undefined;
  }
}

/** Whether a request is one of cloudflared's stand-ins. */
export function isConnection({ method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>): boolean {
  return method === 'POST' && url === connectionsPath;
}
