import { randomBytes, randomUUID } from 'node:crypto';
import { neededPermissions } from '../../../clients/cloudflare/permissions';
import { readJson, writePrivate } from '../../files';
import { TunnelConnections } from './connections';
import { permissionGroups } from './permissionGroups';
import type { CloudflareState, StoredAccount, StoredToken, StoredZone, TokenPolicy } from './types';

/** A token from the configuration, with all permissions that the program needs in all accounts and zones. */
export interface SeedToken {
  name: string;
  /** 40 to 80 of A-Z, a-z, 0-9, "_" and "-". */
  value: string;
  /** Names of permission groups to leave out, such as "DNS Write". */
  without?: string[];
  /** ISO 8601; a time in the past gives an expired token. */
  expiresOn?: string;
}

/** An account of the user, with the names of its zones. */
export interface SeedAccount {
  name: string;
  zones: string[];
}

/** A random id in Cloudflare's format: 32 hex digits. Tunnels and Access use UUIDs instead. */
export function newId(): string {
  return randomBytes(16).toString('hex');
}

/** The state of the stand-in, persisted to one file (0600). */
export class CloudflareStore {
  readonly state: CloudflareState;
  readonly connections = new TunnelConnections();

  /** Opens the file, adds missing accounts and zones, and replaces its seeded tokens by `tokens`. */
  constructor(
    private readonly file: string,
    accounts: readonly SeedAccount[],
    tokens: readonly SeedToken[],
  ) {
    this.state = readJson<CloudflareState>(file) ?? { userId: newId(), accounts: [], zones: [], tokens: [] };
    for (const { name, zones } of accounts) {
      const account = this.state.accounts.find((candidate) => candidate.name === name) ?? this.addAccount(name);
      for (const zone of zones) {
        if (!this.state.zones.some((known) => known.name === zone)) this.addZone(zone, account.id);
      }
    }
    const before = this.state.tokens;
    this.state.tokens = [
      ...tokens.map((seed) => this.seedToken(seed, before)),
      ...before.filter(({ seeded }) => seeded !== true),
    ];
    this.save();
  }

  /** Writes the state to the file. Every handler that changes the state calls it. */
  save(): void {
    writePrivate(this.file, `${JSON.stringify(this.state)}\n`);
  }

  private addAccount(name: string): StoredAccount {
    const account = {
      id: newId(),
      name,
      created_on: new Date().toISOString(),
      tunnels: [],
      accessPolicies: [],
      accessApps: [],
    };
    this.state.accounts.push(account);
    return account;
  }

  private addZone(name: string, accountId: string): StoredZone {
    const zone = { id: newId(), name, accountId, created_on: new Date().toISOString(), records: [], settings: {} };
    this.state.zones.push(zone);
    return zone;
  }

  private seedToken({ name, value, without = [], expiresOn }: SeedToken, before: readonly StoredToken[]): StoredToken {
    const now = new Date().toISOString();
    return {
      id: before.find((token) => token.value === value)?.id ?? newId(),
      name,
      value,
      status: 'active',
      issued_on: now,
      modified_on: now,
      last_used_on: null,
      ...(expiresOn !== undefined && { expires_on: expiresOn }),
      policies: programPolicies(this.state, without),
      seeded: true,
    };
  }
}

/** Policies with the permissions that the program needs, for every account and zone of the user. */
function programPolicies({ userId, accounts, zones }: CloudflareState, without: readonly string[]): TokenPolicy[] {
  const ids = {
    'com.cloudflare.api.account.zone': zones.map(({ id }) => id),
    'com.cloudflare.api.account': accounts.map(({ id }) => id),
    'com.cloudflare.api.user': [userId],
  };
  const needed = neededPermissions({ needsAccess: true, ownsZone: true }).filter(({ name }) => !without.includes(name));
  return Object.entries(ids).flatMap(([scope, all]) => {
    const groups = needed.flatMap(({ name, scope: neededScope }) =>
      permissionGroups.filter(
        (group) => neededScope === scope && group.name === name && group.scopes.includes(neededScope),
      ),
    );
    if (groups.length === 0 || all.length === 0) return [];
    return {
      id: randomUUID().replaceAll('-', ''),
      effect: 'allow' as const,
      resources: Object.fromEntries(all.map((id) => [`${scope}.${id}`, '*'])),
      permission_groups: groups.map(({ id, name }) => ({ id, name })),
    };
  });
}
