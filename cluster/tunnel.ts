import type { ClusterDefinition } from './definition';

type Tunnel = Pick<ClusterDefinition, 'name' | 'domain' | 'cloudflare'>;

/** The tunnel's name in the Cloudflare account. */
export function tunnelName(definition: Pick<Tunnel, 'name'>): string {
  return `k8s-gitops-${definition.name}`;
}

/** The name that a tunnel answers to inside Cloudflare. */
export function tunnelHost(tunnelId: string): string {
  return `${tunnelId}.cfargotunnel.com`;
}

/** The names that lead into the cluster's tunnel: its own and, of the zone's owner, the one without a cluster. */
export function tunnelHostnames({ name, domain, cloudflare }: Tunnel): { cluster: string; zone?: string } {
  const cluster = `external-${name}.${domain}`;
  return cloudflare.ownsZone ? { cluster, zone: `external.${domain}` } : { cluster };
}

/** What cloudflared takes by `--token-file`: account, tunnel and the tunnel's secret in one text. */
export function tunnelToken(accountId: string, tunnelId: string, tunnelSecret: string): string {
  return Buffer.from(JSON.stringify({ a: accountId, t: tunnelId, s: tunnelSecret })).toString('base64');
}

/** An API token's name; a rotation's label makes it another one, and so another token. */
export function tokenName(cluster: string, user: string, rotation: string | undefined): string {
  return ['k8s-gitops', cluster, user, rotation].filter((part) => part !== undefined).join(' ');
}

/** What the zone's owner sets: no plain HTTP, no old TLS, and Cloudflare checks the tunnel's certificate. */
export const zoneSettings = { ssl: 'strict', always_use_https: 'on', min_tls_version: '1.2' } as const;

/** The hosts behind Access, as Cloudflare names them. */
export function accessHosts({ domain, cloudflare }: Tunnel): string[] {
  return (cloudflare.access?.hosts ?? []).map((host) => `${host}.${domain}`);
}
