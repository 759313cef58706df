import { accountRead, permissionScopes, zoneRead, type CloudflarePermission } from './permissions';
import { mentions, permits, type TokenPolicy, type TokenResource } from './tokenPolicies';

/** One thing that was asked of Cloudflare, and how it stands. */
export interface CloudflareCheckResult {
  what: string;
  ok: boolean;
  /** It could not be asked, because of what another line says. `ok` is true then: this line blames nothing. */
  skipped?: true;
  /** What was found; never a secret. */
  why: string;
  /** What to do; empty where nothing is wrong. */
  fix: string;
}

/** An account or zone as lists show it. */
export interface Found {
  id: string;
  name: string;
}

/** What became of the token: it works, is known and does not work, or is not known to be one. */
export type TokenState =
  | { state: 'active' | 'useless'; status: string; expiresOn?: string | undefined }
  | { state: 'unknown'; why: string; noAnswer?: true };

/** What Cloudflare said. */
export interface Findings {
  token: TokenState;
  /** The token's own; undefined when it may not read them. */
  policies?: readonly TokenPolicy[] | undefined;
  /** Those of exactly the wanted name that the token sees. */
  accounts?: readonly Found[];
  zones?: readonly (Found & { account: Found })[];
}

/** What the stack wants of Cloudflare. */
export interface Wanted {
  account: string;
  zone: string;
  permissions: readonly CloudflarePermission[];
}

const setToken = 'pulumi config set --secret cloudflareApiToken';

/** The lines to what Cloudflare said: the token, the account, the zone, and the permissions in their order. */
export function judge(wanted: Wanted, findings: Findings): CloudflareCheckResult[] {
  const token = tokenLine(findings.token);
  const names = {
    account: `Cloudflare account ${wanted.account}`,
    zone: `Cloudflare zone ${wanted.zone}`,
  };
  if (!token.ok) {
    const rest = [names.account, names.zone, ...wanted.permissions.map(permissionName)];
    return [token, ...rest.map((what) => skip(what, 'the token does not work'))];
  }
  const ofZone = findings.zones?.find((one) => one.account.name === wanted.account)?.account;
  const account = findings.accounts?.[0] ?? ofZone;
  const zone = findings.zones?.find((one) => account === undefined || one.account.id === account.id);
  return [
    token,
    accountLine(names.account, wanted, findings),
    zoneLine(names.zone, wanted, findings, account),
    ...wanted.permissions.map((permission) =>
      permissionLine(permission, wanted, findings.policies, resourceOf(permission, account, zone)),
    ),
  ];
}

function tokenLine(token: TokenState): CloudflareCheckResult {
  const what = 'Cloudflare token';
  if (token.state === 'unknown') {
    const fix = token.noAnswer
      ? 'try again; Cloudflare must be reachable from here (HTTPS_PROXY names a proxy)'
      : `set a user's API token that is valid: ${setToken}`;
    return { what, ok: false, why: token.why, fix };
  }
  const { status, expiresOn } = token;
  if (token.state === 'active') return good(what, expiresOn === undefined ? 'active' : `active until ${expiresOn}`);
  const why = status === 'expired' && expiresOn !== undefined ? `expired at ${expiresOn}` : status;
  return { what, ok: false, why, fix: `make another one in the Cloudflare dashboard and set it: ${setToken}` };
}

function accountLine(what: string, { account }: Wanted, { policies, accounts = [] }: Findings): CloudflareCheckResult {
  const [found, ...more] = accounts;
  if (more.length > 0) {
    const fix = 'give the token only one of them';
    return { what, ok: false, why: `the token sees ${accounts.length} accounts of that name`, fix };
  }
  if (found !== undefined) return good(what, found.id);
  if (policies !== undefined && !mentions(policies, accountRead)) {
    return skip(what, `the token lacks ${accountRead.label}`);
  }
  const fix = `correct cloudflare.account in the stack's configuration, or give the token ${accountRead.label} for it`;
  return { what, ok: false, why: `the token sees no account ${account}`, fix };
}

function zoneLine(
  what: string,
  wanted: Wanted,
  { policies, zones = [] }: Findings,
  account: Found | undefined,
): CloudflareCheckResult {
  const found = zones.find((zone) => zone.account.id === account?.id);
  if (found !== undefined) return good(what, found.id);
  if (policies !== undefined && !mentions(policies, zoneRead)) return skip(what, `the token lacks ${zoneRead.label}`);
  if (account === undefined) return skip(what, `account ${wanted.account} was not found`);
  const [elsewhere] = zones;
  if (elsewhere !== undefined) {
    const why = `it is in account ${elsewhere.account.name}, not in ${wanted.account}`;
    return { what, ok: false, why, fix: "correct cloudflare.account in the stack's configuration" };
  }
  const fix = `correct SECRET_DOMAIN in the cluster settings, add the zone to the account, or give the token ${zoneRead.label} for it`;
  return { what, ok: false, why: `the token sees no zone ${wanted.zone} in account ${wanted.account}`, fix };
}

function permissionName({ label }: CloudflarePermission): string {
  return `Cloudflare permission ${label}`;
}

function permissionLine(
  permission: CloudflarePermission,
  { account, zone }: Wanted,
  policies: readonly TokenPolicy[] | undefined,
  resource: TokenResource | undefined,
): CloudflareCheckResult {
  const what = permissionName(permission);
  const { scope, label } = permission;
  const own = scope === permissionScopes.user;
  if (policies === undefined && !own) return skip(what, 'the token may not read its own permissions');
  const target = scope === permissionScopes.zone ? `zone ${zone}` : `account ${account}`;
  if (policies === undefined || !mentions(policies, permission)) {
    return { what, ok: false, why: 'the token lacks it', fix: own ? newToken : addIt(label, target) };
  }
  // Whose else than the user's own: there is only one.
  if (own) return good(what, 'granted');
  if (resource === undefined) return skip(what, `${target} was not found`);
  if (permits(policies, permission, resource)) return good(what, 'granted');
  return { what, ok: false, why: `the token has it, but not for ${target}`, fix: addIt(label, target) };
}

/** The dashboard offers that permission in this template only. */
const newToken = `make a token from the dashboard's template "Create additional tokens", with the other permissions added, and set it: ${setToken}`;

function addIt(label: string, target: string): string {
  return `edit the token in the Cloudflare dashboard (its value stays the same) and add ${label} for ${target}`;
}

function resourceOf(
  { scope }: CloudflarePermission,
  account: Found | undefined,
  zone: (Found & { account: Found }) | undefined,
): TokenResource | undefined {
  if (scope === permissionScopes.account) return account && { scope, id: account.id };
  return zone && { scope, id: zone.id, accountId: zone.account.id };
}

function good(what: string, why: string): CloudflareCheckResult {
  return { what, ok: true, why, fix: '' };
}

function skip(what: string, why: string): CloudflareCheckResult {
  return { what, ok: true, skipped: true, why, fix: '' };
}
