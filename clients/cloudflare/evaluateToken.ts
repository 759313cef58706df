import { expiryOf } from '../expiry';
import { accountRead, permissionScopes, zoneRead, type CloudflarePermission } from './permissions';
import { grants, grantsAnywhere, type TokenPolicy, type TokenResource } from './tokenPolicies';

/** The result of one check. */
export interface CloudflareCheckResult {
  what: string;
  ok: boolean;
  /** The check could not run because another one failed. `ok` is then true, so that only that one is reported. */
  skipped?: true;
  /** `ok`, but `fix` says what should be done soon. */
  warning?: true;
  /** What was found; never a secret. */
  why: string;
  /** What to do; empty if nothing is wrong. */
  fix: string;
}

/** An account or a zone, as lists return it. */
export interface NamedResource {
  id: string;
  name: string;
}

/** State of the token; `unknown` if Cloudflare rejects it as a token or could not be reached. */
export type TokenState =
  | { state: 'active' | 'inactive'; status: string; expiresOn?: string | undefined }
  | { state: 'unknown'; why: string; noResponse?: true };

/** What the Cloudflare API returned. */
export interface TokenFindings {
  token: TokenState;
  /** Policies of the token itself; undefined if it has no permission to read them. */
  policies?: readonly TokenPolicy[] | undefined;
  /** ISO 8601; undefined like `policies`. */
  issuedOn?: string | undefined;
  /** Accounts of exactly the required name that the token sees. */
  accounts?: readonly NamedResource[];
  /** Zones of exactly the required name that the token sees. */
  zones?: readonly (NamedResource & { account: NamedResource })[];
}

/** What the stack requires. */
export interface TokenRequirements {
  account: string;
  zone: string;
  permissions: readonly CloudflarePermission[];
}

const setToken = 'pulumi config set --secret cloudflareApiToken';

/** The results for the token, the account, the zone, and each permission, in this order. */
export function evaluateToken(required: TokenRequirements, findings: TokenFindings): CloudflareCheckResult[] {
  const token = checkState(findings.token);
  const names = {
    account: `Cloudflare account ${required.account}`,
    zone: `Cloudflare zone ${required.zone}`,
  };
  if (!token.ok) {
    const rest = [names.account, names.zone, ...required.permissions.map(permissionName)];
    return [token, ...rest.map((what) => skip(what, 'the token does not work'))];
  }
  const zoneAccount = findings.zones?.find((zone) => zone.account.name === required.account)?.account;
  const account = findings.accounts?.[0] ?? zoneAccount;
  const zone = findings.zones?.find((candidate) => account === undefined || candidate.account.id === account.id);
  return [
    token,
    checkAccount(names.account, required, findings),
    checkZone(names.zone, required, findings, account),
    ...required.permissions.map((permission) =>
      checkPermission(permission, required, findings.policies, resourceOf(permission, account, zone)),
    ),
  ];
}

function checkState(token: TokenState): CloudflareCheckResult {
  const what = 'Cloudflare token';
  if (token.state === 'unknown') {
    const fix = token.noResponse
      ? 'try again; this machine must be able to reach Cloudflare (through the proxy in HTTPS_PROXY, if set)'
      : `set a valid user API token: ${setToken}`;
    return { what, ok: false, why: token.why, fix };
  }
  const { status, expiresOn } = token;
  const fix = `create a new one in the Cloudflare dashboard and set it: ${setToken}`;
  if (token.state !== 'active') {
    const why = status === 'expired' && expiresOn !== undefined ? `expired at ${expiresOn}` : status;
    return { what, ok: false, why, fix };
  }
  const expiry = expiryOf('it', expiresOn === undefined ? undefined : new Date(expiresOn));
  if (expiry?.state === 'soon') return { what, ok: true, warning: true, why: expiry.why, fix };
  if (expiry !== undefined) return { what, ok: false, why: expiry.why, fix };
  return pass(what, expiresOn === undefined ? 'active' : `active until ${expiresOn}`);
}

function checkAccount(
  what: string,
  { account }: TokenRequirements,
  { policies, accounts = [] }: TokenFindings,
): CloudflareCheckResult {
  const [found, ...others] = accounts;
  if (others.length > 0) {
    const fix = 'restrict the token to one of them';
    return { what, ok: false, why: `the token sees ${accounts.length} accounts of that name`, fix };
  }
  if (found !== undefined) return pass(what, found.id);
  if (policies !== undefined && !grantsAnywhere(policies, accountRead)) {
    return skip(what, `the token lacks ${accountRead.label}`);
  }
  const fix = `correct cloudflare.account in the stack's configuration, or give the token ${accountRead.label} for it`;
  return { what, ok: false, why: `the token sees no account ${account}`, fix };
}

function checkZone(
  what: string,
  required: TokenRequirements,
  { policies, zones = [] }: TokenFindings,
  account: NamedResource | undefined,
): CloudflareCheckResult {
  const found = zones.find((zone) => zone.account.id === account?.id);
  if (found !== undefined) return pass(what, found.id);
  if (policies !== undefined && !grantsAnywhere(policies, zoneRead)) {
    return skip(what, `the token lacks ${zoneRead.label}`);
  }
  if (account === undefined) return skip(what, `account ${required.account} was not found`);
  const [elsewhere] = zones;
  if (elsewhere !== undefined) {
    const why = `it is in account ${elsewhere.account.name}, not in ${required.account}`;
    return { what, ok: false, why, fix: "correct cloudflare.account in the stack's configuration" };
  }
  const fix =
    'correct SECRET_DOMAIN in the cluster settings, add the zone to the account, or give the token ' +
    `${zoneRead.label} for it`;
  return { what, ok: false, why: `the token sees no zone ${required.zone} in account ${required.account}`, fix };
}

function permissionName({ label }: CloudflarePermission): string {
  return `Cloudflare permission ${label}`;
}

function checkPermission(
  permission: CloudflarePermission,
  { account, zone }: TokenRequirements,
  policies: readonly TokenPolicy[] | undefined,
  resource: TokenResource | undefined,
): CloudflareCheckResult {
  const what = permissionName(permission);
  const { scope, label } = permission;
  const userScoped = scope === permissionScopes.user;
  if (policies === undefined && !userScoped) return skip(what, 'the token may not read its own permissions');
  const target = scope === permissionScopes.zone ? `zone ${zone}` : `account ${account}`;
  if (policies === undefined || !grantsAnywhere(policies, permission)) {
    return { what, ok: false, why: 'the token lacks it', fix: userScoped ? newToken : addPermission(label, target) };
  }
  // There is only one user it can be granted for: the owner of the token.
  if (userScoped) return pass(what, 'granted');
  if (resource === undefined) return skip(what, `${target} was not found`);
  if (grants(policies, permission, resource)) return pass(what, 'granted');
  return { what, ok: false, why: `the token has it, but not for ${target}`, fix: addPermission(label, target) };
}

/** The dashboard offers the permission to create tokens in this template only. */
const newToken =
  'create a token from the dashboard template "Create additional tokens", add the other permissions, and set it: ' +
  setToken;

function addPermission(label: string, target: string): string {
  return `edit the token in the Cloudflare dashboard (its value stays the same) and add ${label} for ${target}`;
}

function resourceOf(
  { scope }: CloudflarePermission,
  account: NamedResource | undefined,
  zone: (NamedResource & { account: NamedResource }) | undefined,
): TokenResource | undefined {
  if (scope === permissionScopes.account) return account && { scope, id: account.id };
  return zone && { scope, id: zone.id, accountId: zone.account.id };
}

function pass(what: string, why: string): CloudflareCheckResult {
  return { what, ok: true, why, fix: '' };
}

function skip(what: string, why: string): CloudflareCheckResult {
  return { what, ok: true, skipped: true, why, fix: '' };
}
