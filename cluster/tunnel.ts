import type { ClusterDefinition, ClusterWithCloudflare } from './definition';

type TunnelDefinition = Pick<ClusterWithCloudflare, 'name' | 'domain' | 'cloudflare' | 'platform'>;

/** The tunnel's name in the Cloudflare account. */
export function tunnelName({ platform, name }: Pick<TunnelDefinition, 'platform' | 'name'>): string {
  return `${platform}-${name}`;
}

/** The DNS name of a tunnel inside Cloudflare. */
export function tunnelHost(tunnelId: string): string {
  return `${tunnelId}.cfargotunnel.com`;
}

/** The hostnames that point to the cluster's tunnel: its own and, if it owns the zone, the zone's. */
export function tunnelHostnames({ name, domain, cloudflare }: Omit<TunnelDefinition, 'platform'>): {
  cluster: string;
  zone?: string;
} {
  const cluster = `external-${name}.${domain}`;
  return cloudflare.ownsZone ? { cluster, zone: `external.${domain}` } : { cluster };
}

/** A DNS record that points to the tunnel; its content is the {@link tunnelHost}. */
export interface TunnelRecord {
  /** What the name of its resource ends in, now and in older states. */
  resource: { name: string; formerly: string };
  /** Fully qualified. */
  name: string;
  type: 'CNAME';
  proxied: boolean;
  /** Seconds; 1 is automatic. */
  ttl: number;
  comment: string;
}

/** The records of {@link tunnelHostnames}. */
export function tunnelRecords(definition: Omit<TunnelDefinition, 'platform'>): TunnelRecord[] {
  const { cluster, zone } = tunnelHostnames(definition);
  // Automatic is the only TTL of a proxied record.
  const settings = { type: 'CNAME', proxied: true, ttl: 1, comment: `Pulumi, stack ${definition.name}` } as const;
  return [
    { ...settings, resource: { name: 'hostname', formerly: 'anchor' }, name: cluster },
    ...(zone === undefined
      ? []
      : [{ ...settings, resource: { name: 'zone-hostname', formerly: 'zone-anchor' }, name: zone }]),
  ];
}

/** The token that cloudflared reads with `--token-file`: account, tunnel and tunnel secret, base64-encoded. */
export function tunnelToken(accountId: string, tunnelId: string, tunnelSecret: string): string {
  return Buffer.from(JSON.stringify({ a: accountId, t: tunnelId, s: tunnelSecret })).toString('base64');
}

/** The name of an API token. A new rotation label changes the name, which creates a new token. */
export function tokenName(
  { platform, name }: Pick<TunnelDefinition, 'platform' | 'name'>,
  user: string,
  rotation: string | undefined,
): string {
  return [platform, name, user, rotation].filter((part) => part !== undefined).join(' ');
}

/** The API tokens that the program issues to the cluster, each for one user. */
export function issuedTokens(
  definition: Pick<TunnelDefinition, 'platform' | 'name'> & Pick<ClusterDefinition, 'rotations'>,
): { user: 'cert-manager' | 'external-dns'; name: string }[] {
  return (['cert-manager', 'external-dns'] as const).map((user) => ({
    user,
    name: tokenName(definition, user, definition.rotations.cloudflareTokens),
  }));
}

/** Zone settings: no plain HTTP, no TLS below 1.2, and Cloudflare verifies the tunnel's certificate. */
export const zoneSettings = { ssl: 'strict', always_use_https: 'on', min_tls_version: '1.2' } as const;

/** The fully qualified names of the hosts behind Cloudflare Access. */
export function accessHosts({ domain, cloudflare }: Pick<TunnelDefinition, 'domain' | 'cloudflare'>): string[] {
  return (cloudflare.access?.hosts ?? []).map((host) => `${host}.${domain}`);
}
