import type { ClusterDefinition } from './definition';

type TunnelDefinition = Pick<ClusterDefinition, 'name' | 'domain' | 'cloudflare'>;

/** The tunnel's name in the Cloudflare account. */
export function tunnelName(definition: Pick<TunnelDefinition, 'name'>): string {
  return `k8s-gitops-${definition.name}`;
}

/** The DNS name of a tunnel inside Cloudflare. */
export function tunnelHost(tunnelId: string): string {
  return `${tunnelId}.cfargotunnel.com`;
}

/** The hostnames that point to the cluster's tunnel: its own and, if it owns the zone, the zone's. */
export function tunnelHostnames({ name, domain, cloudflare }: TunnelDefinition): { cluster: string; zone?: string } {
  const cluster = `external-${name}.${domain}`;
  return cloudflare.ownsZone ? { cluster, zone: `external.${domain}` } : { cluster };
}

/** The token that cloudflared reads with `--token-file`: account, tunnel and tunnel secret, base64-encoded. */
export function tunnelToken(accountId: string, tunnelId: string, tunnelSecret: string): string {
  return Buffer.from(JSON.stringify({ a: accountId, t: tunnelId, s: tunnelSecret })).toString('base64');
}

/** The name of an API token. A new rotation label changes the name, which creates a new token. */
export function tokenName(cluster: string, user: string, rotation: string | undefined): string {
  return ['k8s-gitops', cluster, user, rotation].filter((part) => part !== undefined).join(' ');
}

/** Zone settings: no plain HTTP, no TLS below 1.2, and Cloudflare verifies the tunnel's certificate. */
export const zoneSettings = { ssl: 'strict', always_use_https: 'on', min_tls_version: '1.2' } as const;

/** The fully qualified names of the hosts behind Cloudflare Access. */
export function accessHosts({ domain, cloudflare }: TunnelDefinition): string[] {
  return (cloudflare.access?.hosts ?? []).map((host) => `${host}.${domain}`);
}
