/** A policy of a token, in the API's format. */
export interface TokenPolicy {
  id: string;
  effect: 'allow' | 'deny';
  /** `com.cloudflare.api.account.zone.<id>` and so on, to `*` or, for zones of an account, to such a map. */
  resources: Record<string, string | Record<string, string>>;
  permission_groups: { id: string; name: string }[];
}

/** A user's API token. */
export interface StoredToken {
  id: string;
  name: string;
  /** The API returns it only once, on creation. */
  value: string;
  status: 'active' | 'disabled';
  issued_on: string;
  modified_on: string;
  last_used_on: string | null;
  expires_on?: string;
  not_before?: string;
  policies: TokenPolicy[];
  /** Set if the token comes from the lab's configuration rather than the API. */
  seeded?: true;
}

/** A Cloudflare Tunnel. Deleting it sets its time of deletion. */
export interface StoredTunnel {
  id: string;
  name: string;
  config_src: 'local' | 'cloudflare';
  /** At least 32 bytes, Base64. */
  secret: string;
  created_at: string;
  deleted_at: string | null;
}

/** A reusable Access policy. */
export interface StoredAccessPolicy {
  id: string;
  name: string;
  decision: string;
  include: unknown[];
  exclude: unknown[];
  require: unknown[];
  session_duration: string;
  created_at: string;
  updated_at: string;
}

/** A self-hosted application behind Access. */
export interface StoredAccessApp {
  id: string;
  aud: string;
  name: string;
  type: 'self_hosted';
  domain: string;
  destinations: { type: 'public'; uri: string }[];
  policies: { id: string; precedence: number }[];
  session_duration: string;
  app_launcher_visible: boolean;
  created_at: string;
  updated_at: string;
}

/** A DNS record. */
export interface StoredRecord {
  id: string;
  /** Fully qualified, lower case. */
  name: string;
  type: string;
  content: string;
  ttl: number;
  proxied: boolean;
  comment: string | null;
  created_on: string;
  modified_on: string;
}

export interface StoredAccount {
  id: string;
  name: string;
  created_on: string;
  tunnels: StoredTunnel[];
  accessPolicies: StoredAccessPolicy[];
  accessApps: StoredAccessApp[];
}

export interface StoredZone {
  id: string;
  name: string;
  accountId: string;
  created_on: string;
  records: StoredRecord[];
  /** Only the settings that were changed. */
  settings: Record<string, { value: unknown; modified_on: string }>;
}

/** The persisted state of the stand-in. */
export interface CloudflareState {
  /** The single user, with full access to all accounts. */
  userId: string;
  accounts: StoredAccount[];
  zones: StoredZone[];
  tokens: StoredToken[];
}

/** An entry of `errors` in a response. */
export interface ApiError {
  code: number;
  message: string;
  error_chain?: { code: number; message: string }[];
}

/** An error response. */
export class CloudflareError extends Error {
  readonly errors: readonly ApiError[];

  constructor(
    readonly status: number,
    ...errors: ApiError[]
  ) {
    super(errors[0]?.message);
    this.errors = errors;
  }
}

/** An error response with one entry. */
export function cloudflareError(status: number, code: number, message: string): CloudflareError {
  return new CloudflareError(status, { code, message });
}
