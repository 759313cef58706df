/** What a token may do with which resources: as the API takes and shows it. */
export interface TokenPolicy {
  id: string;
  effect: 'allow' | 'deny';
  /** `com.cloudflare.api.account.zone.<id>` and so on, to `*` or, for an account's zones, to such a map. */
  resources: Record<string, string | Record<string, string>>;
  permission_groups: { id: string; name: string }[];
}

/** A user's API token. */
export interface StoredToken {
  id: string;
  name: string;
  /** Shown once by the API, when it is made. */
  value: string;
  status: 'active' | 'disabled';
  issued_on: string;
  modified_on: string;
  last_used_on: string | null;
  expires_on?: string;
  not_before?: string;
  policies: TokenPolicy[];
  /** Comes from the lab's configuration; not one that somebody made. */
  seeded?: true;
}

/** A Cloudflare Tunnel. A deleted one stays, with its time of deletion. */
export interface StoredTunnel {
  id: string;
  name: string;
  config_src: 'local' | 'cloudflare';
  /** Base64 of 32 bytes or more. */
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
  /** Only what somebody changed. */
  settings: Record<string, { value: unknown; modified_on: string }>;
}

/** Everything that the stand-in keeps. */
export interface CloudflareState {
  /** The one user, who may do everything in all accounts. */
  userId: string;
  accounts: StoredAccount[];
  zones: StoredZone[];
  tokens: StoredToken[];
}

/** One entry of `errors` in an answer. */
export interface ApiError {
  code: number;
  message: string;
  error_chain?: { code: number; message: string }[];
}

/** An answer that is an error. */
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

/** Short form for an error with one entry. */
export function refusal(status: number, code: number, message: string): CloudflareError {
  return new CloudflareError(status, { code, message });
}
