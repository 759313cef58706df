import { expiryOf } from '../../../clients/expiry';
import { type DnsRecord, type ZoneSetting } from '../../../clients/cloudflare/zoneReader';
import type { ApiToken } from '../../../clients/cloudflare/userTokens';
import { grantedZonePermissions, zoneResource } from '../../../clients/cloudflare/permissions';
import { grantTexts } from '../../../clients/cloudflare/tokenPolicies';
import type { Tunnel } from '../../../clients/cloudflare/tunnels';
import { tunnelHost, type TunnelRecord } from '../../../cluster/tunnel';
import type { Drift } from '../drift';

/** A resource of the state: its id in Cloudflare, and how findings name it. */
export interface Managed {
  id: string;
  object: string;
}

const layer = 'edge' as const;

function explaining(managed: Managed | undefined): Pick<Drift, 'explains'> {
  return managed === undefined ? {} : { explains: [managed.object] };
}

/**
 * What is wrong with the tunnel. `found` is the one of the state or, without a state, the one of that name; also if it was
 * deleted. `runs` says whether the cluster runs cloudflared.
 */
export function evaluateTunnel(
  wanted: { name: string; stack: string; runs: boolean },
  found: Tunnel | undefined,
  managed?: Managed,
): Drift[] {
  const again = `create a new one: pulumi up --refresh --stack ${wanted.stack}`;
  const base = { layer, owner: 'Pulumi', object: `tunnel ${wanted.name}`, ...explaining(managed) };
  if (found === undefined) return [{ ...base, id: 'tunnel', why: 'does not exist in Cloudflare', todo: again }];
  if (found.deleted_at !== null) {
    return [{ ...base, id: 'tunnel', why: 'was deleted in Cloudflare', since: found.deleted_at, todo: again }];
  }
  const drift: Drift[] = [];
  if (found.name !== wanted.name) {
    const todo = `have the program name it again: pulumi up --refresh --stack ${wanted.stack}`;
    drift.push({ ...base, id: 'tunnel', why: `has the name ${found.name} in Cloudflare`, todo });
  }
  if (found.config_src !== 'local') {
    drift.push({
      ...{ ...base, id: 'tunnel-configuration', field: 'config_src', wanted: 'local', found: found.config_src },
      why: 'cloudflared no longer uses the ingress in Git',
      todo: `delete it in the dashboard, which cannot take it back, and ${again}`,
    });
  }
  if (wanted.runs && found.status !== 'healthy') {
    const since = found.status === 'down' ? (found.conns_inactive_at ?? undefined) : undefined;
    drift.push({
      ...{ id: 'tunnel-connections', layer, owner: 'cloudflared', object: base.object },
      ...{ field: 'status', wanted: 'healthy', found: found.status, ...(since !== undefined && { since }) },
      todo: 'see why cloudflared is not connected to this tunnel: docs/cloudflare.md, troubleshooting',
    });
  }
  return drift;
}

/** What is wrong with a record; `found` are all of that name, of any type. */
export function evaluateRecord(
  wanted: Omit<TunnelRecord, 'resource'>,
  tunnelId: string | undefined,
  found: readonly DnsRecord[],
  stack: string,
  managed?: Managed,
): Drift[] {
  const todo = `have the program set it again: pulumi up --refresh --stack ${stack}`;
  const object = `record ${wanted.name}`;
  const base = { id: 'dns-record', layer, owner: 'Pulumi', object, todo, ...explaining(managed) };
  const own = found.find(({ type }) => type === wanted.type);
  const [other] = found;
  if (own === undefined && other === undefined) return [{ ...base, why: 'does not exist' }];
  if (own === undefined) return [{ ...base, field: 'type', wanted: wanted.type, found: other?.type ?? '' }];
  const fields = {
    content: tunnelId === undefined ? own.content : tunnelHost(tunnelId),
    proxied: wanted.proxied,
    ttl: wanted.ttl,
    comment: wanted.comment,
  };
  return Object.entries(fields).flatMap(([field, value]) => {
    const now = own[field as keyof typeof fields];
    if (now === value) return [];
    const there = now === null || now === undefined ? {} : { found: String(now) };
    return [{ ...base, field, wanted: String(value), ...there }];
  });
}

/** Whether a setting of the zone is as the program sets it. */
export function evaluateSetting(
  zone: string,
  wanted: { id: string; value: string },
  found: ZoneSetting,
  stack: string,
  managed?: Managed,
): Drift[] {
  if (found.value === wanted.value) return [];
  return [
    {
      ...{ id: 'zone-setting', layer, owner: 'Pulumi', object: `zone ${zone}`, field: wanted.id },
      ...{ wanted: wanted.value, found: String(found.value) },
      ...(found.modified_on && { since: found.modified_on }),
      todo: `have the program set it again: pulumi up --refresh --stack ${stack}`,
      ...explaining(managed),
    },
  ];
}

/**
 * What is wrong with a token that the program issued. `found` are all of that name, and the one of the state. A token must allow
 * exactly what the program wants.
 */
export function evaluateIssuedToken(
  wanted: { name: string; zone: { id: string; name: string }; stack: string },
  found: readonly ApiToken[],
  managed: Managed | undefined,
  now: Date,
): Drift[] {
  const object = `token ${wanted.name}`;
  const base = { layer, owner: 'Pulumi', object, ...explaining(managed) };
  const own = managed === undefined ? found[0] : found.find(({ id }) => id === managed.id);
  const others = managed === undefined ? [] : found.filter(({ id }) => id !== managed.id);
  const unknown: Drift[] = others.map((token) => ({
    ...{ id: 'token-unknown', layer, owner: 'people', object, field: token.id },
    why: 'another token has this name, and the state does not know it',
    since: token.issued_on,
    todo: 'revoke it in the dashboard, unless it is in use',
  }));
  if (own === undefined) {
    const todo = `have it issued again: pulumi up --refresh --stack ${wanted.stack}`;
    return [{ ...base, id: 'token', why: 'does not exist in Cloudflare', todo }, ...unknown];
  }
  const drift: Drift[] = [];
  const again = `have the program set it again: pulumi up --refresh --stack ${wanted.stack}`;
  if (own.name !== wanted.name) {
    drift.push({ ...base, id: 'token', why: `has the name ${own.name} in Cloudflare`, todo: again });
  }
  const expiry = expiryOf('it', own.expires_on === undefined ? undefined : new Date(own.expires_on), now);
  if (own.status !== 'active' && expiry?.state !== 'expired') {
    drift.push({ ...base, id: 'token', field: 'status', wanted: 'active', found: own.status, todo: again });
  }
  if (expiry !== undefined) drift.push({ ...base, id: 'secret-expiry', why: expiry.why, todo: again });
  if (own.condition?.request_ip !== undefined) {
    const why = 'works from certain addresses only';
    drift.push({ ...base, id: 'token-scopes', field: 'condition.request_ip', why, todo: again });
  }
  const key = zoneResource(wanted.zone.id);
  const groups = grantedZonePermissions.map(({ name }) => ({ id: '', name }));
  const asked = grantTexts([{ effect: 'allow', resources: { [key]: '*' }, permission_groups: groups }]);
  const given = grantTexts(own.policies);
  const named = (text: string): string => text.replaceAll(key, `zone ${wanted.zone.name}`);
  for (const grant of given.filter((text) => !asked.includes(text))) {
    const why = 'goes beyond what the program asked for';
    drift.push({ ...base, id: 'token-scopes', field: 'policies', found: named(grant), why, todo: again });
  }
  for (const grant of asked.filter((text) => !given.includes(text))) {
    drift.push({ ...base, id: 'token-scopes', field: 'policies', wanted: named(grant), todo: again });
  }
  return [...drift, ...unknown];
}
