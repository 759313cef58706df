import { parseUrn } from '../kubernetes/objects';
import type { Properties, Property } from '../provider/properties';

/**
 * A property, as the Terraform provider below the real one declares it:
 * required; optional; computed (Cloudflare's); or, where nothing is given, Cloudflare's (`computedOptional`).
 */
export interface Attribute {
  use: 'required' | 'optional' | 'computed' | 'computedOptional';
  /** Its name in the API, where it is not simply in snake case. */
  api?: string;
  /** Part of the address, not of the body. */
  path?: true;
  /** Another value makes another resource; `given`: only one that the program gives. */
  replaces?: true | 'given';
  /** Cloudflare's copy is never taken: after it was written the state's is the only one. */
  kept?: true;
  secret?: true;
  default?: Property;
  /** The order of its entries does not count. */
  set?: true;
  /** What Cloudflare shows of its entries beyond these fields is left out. */
  fields?: readonly string[];
}

/** A kind of resource that the stand-in serves. */
export interface Kind {
  attributes: Readonly<Record<string, Attribute>>;
  /** Where they are, by the properties; `<collection>/<id>` is one of them. */
  collection: (properties: Properties) => string;
  create: 'POST' | 'PATCH';
  update: 'PUT' | 'PATCH';
  /** Whether an update sends only what differs. */
  partial?: true;
  /** The property that is the id, where Cloudflare gives none. */
  id?: string;
  /** Deleting it only forgets it. */
  stays?: true;
  /** Parts of an import's id before the resource's own, as properties. */
  importedBy: readonly string[];
  /** What the provider itself refuses. */
  check?: (inputs: Properties) => string | undefined;
}

const required = { use: 'required' } as const;
const optional = { use: 'optional' } as const;
const computed = { use: 'computed' } as const;
const given = { use: 'computedOptional' } as const;
const text = (value: Property | undefined): string => (typeof value === 'string' ? value : '');

/** The kinds by Pulumi type token: what the program makes, nothing more. */
export const kinds: Readonly<Record<string, Kind>> = {
  'cloudflare:index/zeroTrustTunnelCloudflared:ZeroTrustTunnelCloudflared': {
    attributes: {
      accountId: { ...required, path: true, replaces: true },
      configSrc: { ...given, replaces: 'given', default: 'local', kept: true },
      name: required,
      tunnelSecret: { ...optional, kept: true, secret: true },
      accountTag: computed,
      connections: computed,
      connsActiveAt: computed,
      connsInactiveAt: computed,
      createdAt: computed,
      deletedAt: computed,
      metadata: computed,
      remoteConfig: computed,
      status: computed,
      tunType: computed,
    },
    collection: ({ accountId }) => `/accounts/${text(accountId)}/cfd_tunnel`,
    create: 'POST',
    update: 'PATCH',
    partial: true,
    importedBy: ['accountId'],
  },
  'cloudflare:index/dnsRecord:DnsRecord': {
    attributes: {
      zoneId: { ...required, path: true, replaces: true },
      name: required,
      type: { ...required, replaces: true },
      ttl: required,
      content: given,
      proxied: given,
      comment: optional,
      tags: { ...given, set: true },
      settings: given,
      commentModifiedOn: computed,
      createdOn: computed,
      meta: computed,
      modifiedOn: computed,
      proxiable: computed,
      tagsModifiedOn: computed,
    },
    collection: ({ zoneId }) => `/zones/${text(zoneId)}/dns_records`,
    create: 'POST',
    update: 'PUT',
    importedBy: ['zoneId'],
    check: ({ proxied, ttl }) =>
      proxied === true && ttl !== 1
        ? 'ttl must be set to 1 when `proxied` is true: Cloudflare controls the TTL of such a record itself'
        : undefined,
  },
  'cloudflare:index/zoneSetting:ZoneSetting': {
    attributes: {
      zoneId: { ...required, path: true, replaces: true },
      settingId: { ...required, path: true, replaces: true },
      value: required,
      editable: computed,
      modifiedOn: computed,
      timeRemaining: computed,
    },
    collection: ({ zoneId }) => `/zones/${text(zoneId)}/settings`,
    create: 'PATCH',
    update: 'PATCH',
    partial: true,
    id: 'settingId',
    stays: true,
    importedBy: ['zoneId'],
  },
  'cloudflare:index/apiToken:ApiToken': {
    attributes: {
      name: required,
      policies: required,
      expiresOn: optional,
      notBefore: optional,
      status: given,
      issuedOn: computed,
      lastUsedOn: computed,
      modifiedOn: computed,
      value: { ...computed, kept: true, secret: true },
    },
    collection: () => '/user/tokens',
    create: 'POST',
    update: 'PUT',
    importedBy: [],
  },
  'cloudflare:index/zeroTrustAccessPolicy:ZeroTrustAccessPolicy': {
    attributes: {
      accountId: { ...required, path: true, replaces: true },
      name: required,
      decision: required,
      includes: { ...given, api: 'include', set: true },
      excludes: { ...given, api: 'exclude', set: true },
      requires: { ...given, api: 'require', set: true },
      sessionDuration: { ...given, default: '24h' },
      approvalRequired: optional,
      isolationRequired: optional,
    },
    collection: ({ accountId }) => `/accounts/${text(accountId)}/access/policies`,
    create: 'POST',
    update: 'PUT',
    importedBy: ['accountId'],
  },
  'cloudflare:index/zeroTrustAccessApplication:ZeroTrustAccessApplication': {
    attributes: {
      accountId: { ...optional, path: true, replaces: true },
      name: given,
      type: given,
      domain: given,
      destinations: { ...given, fields: ['type', 'uri'] },
      selfHostedDomains: { ...given, set: true },
      policies: { ...optional, fields: ['id', 'precedence'] },
      sessionDuration: given,
      appLauncherVisible: given,
      httpOnlyCookieAttribute: given,
      aud: computed,
    },
    collection: ({ accountId }) => `/accounts/${text(accountId)}/access/apps`,
    create: 'POST',
    update: 'PUT',
    importedBy: ['accountId'],
  },
};

/**
 * The kind behind a URN.
 *
 * @throws Error saying what the stand-in serves, for anything else.
 */
export function kindOf(urn: string): Kind {
  const { token } = parseUrn(urn);
  const kind = Object.hasOwn(kinds, token) ? kinds[token] : undefined;
  if (kind !== undefined) return kind;
  throw new Error(
    `this is the lab's stand-in for the Cloudflare provider, which does not serve ${token} ` +
      `(only ${Object.keys(kinds).join(', ')}); add it to lab/plugins/cloudflare/kinds.ts`,
  );
}
