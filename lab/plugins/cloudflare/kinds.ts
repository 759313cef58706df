import { parseUrn } from '../kubernetes/objects';
import type { Properties, Property } from '../provider/properties';

/**
 * A property as declared in the Terraform provider that the real provider bridges: required, optional, computed (set by
 * Cloudflare), or computedOptional (set by Cloudflare unless given).
 */
export interface Attribute {
  use: 'required' | 'optional' | 'computed' | 'computedOptional';
  /** Name in the API, if it is not the name in snake case. */
  api?: string;
  /** Part of the URL, not of the body. */
  path?: true;
  /** A change replaces the resource; `given`: only if the program sets the property. */
  replaces?: true | 'given';
  /** Never read back: after a write, the state keeps its own value. */
  kept?: true;
  secret?: true;
  default?: Property;
  /** Values of nested properties that Cloudflare's result lacks: the Terraform provider has a default for each. */
  nested?: Properties;
  /** A list whose order is ignored. */
  set?: true;
  /** The fields of its entries to keep from the API's result. */
  fields?: readonly string[];
}

/** A resource type that the stand-in supports. */
export interface Kind {
  attributes: Readonly<Record<string, Attribute>>;
  /** API path of the collection; a resource is at `<collection>/<id>`. */
  collection: (properties: Properties) => string;
  create: 'POST' | 'PATCH';
  update: 'PUT' | 'PATCH';
  /** An update sends changed properties only. */
  partial?: true;
  /** The property that is the id, if Cloudflare does not assign one. */
  id?: string;
  /** Deletion only removes it from the Pulumi state. */
  retainOnDelete?: true;
  /** Properties that precede the resource's own id in an import id. */
  importIdPrefix: readonly string[];
  /** Validation by the provider: the reason for rejecting the inputs. */
  check?: (inputs: Properties) => string | undefined;
}

const required = { use: 'required' } as const;
const optional = { use: 'optional' } as const;
const computed = { use: 'computed' } as const;
const computedOptional = { use: 'computedOptional' } as const;
const text = (value: Property | undefined): string => (typeof value === 'string' ? value : '');

/** The supported kinds by Pulumi type token: those that the program uses, and tunnels in states of earlier programs. */
export const kinds: Readonly<Record<string, Kind>> = {
  'cloudflare:index/zeroTrustTunnelCloudflared:ZeroTrustTunnelCloudflared': {
    attributes: {
      accountId: { ...required, path: true, replaces: true },
      configSrc: { ...computedOptional, replaces: 'given', default: 'local', kept: true },
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
    importIdPrefix: ['accountId'],
  },
  'cloudflare:index/dnsRecord:DnsRecord': {
    attributes: {
      zoneId: { ...required, path: true, replaces: true },
      name: required,
      type: { ...required, replaces: true },
      ttl: required,
      content: computedOptional,
      proxied: computedOptional,
      comment: optional,
      tags: { ...computedOptional, set: true },
      settings: { ...computedOptional, nested: { flattenCname: false, ipv4Only: false, ipv6Only: false } },
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
    importIdPrefix: ['zoneId'],
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
    retainOnDelete: true,
    importIdPrefix: ['zoneId'],
  },
  'cloudflare:index/apiToken:ApiToken': {
    attributes: {
      name: required,
      policies: required,
      expiresOn: optional,
      notBefore: optional,
      status: computedOptional,
      issuedOn: computed,
      lastUsedOn: computed,
      modifiedOn: computed,
      value: { ...computed, kept: true, secret: true },
    },
    collection: () => '/user/tokens',
    create: 'POST',
    update: 'PUT',
    importIdPrefix: [],
  },
  'cloudflare:index/zeroTrustAccessPolicy:ZeroTrustAccessPolicy': {
    attributes: {
      accountId: { ...required, path: true, replaces: true },
      name: required,
      decision: required,
      includes: { ...computedOptional, api: 'include', set: true },
      excludes: { ...computedOptional, api: 'exclude', set: true },
      requires: { ...computedOptional, api: 'require', set: true },
      sessionDuration: { ...computedOptional, default: '24h' },
      approvalRequired: optional,
      isolationRequired: optional,
      createdAt: computed,
      reusable: computed,
      updatedAt: computed,
    },
    collection: ({ accountId }) => `/accounts/${text(accountId)}/access/policies`,
    create: 'POST',
    update: 'PUT',
    importIdPrefix: ['accountId'],
  },
  'cloudflare:index/zeroTrustAccessApplication:ZeroTrustAccessApplication': {
    attributes: {
      accountId: { ...optional, path: true, replaces: true },
      name: computedOptional,
      type: computedOptional,
      domain: computedOptional,
      destinations: { ...computedOptional, fields: ['type', 'uri'] },
      selfHostedDomains: { ...computedOptional, set: true },
      policies: { ...optional, fields: ['id', 'precedence'] },
      sessionDuration: computedOptional,
      appLauncherVisible: computedOptional,
      httpOnlyCookieAttribute: computedOptional,
      skipAppLauncherLoginPage: { ...computedOptional, default: false },
      aud: computed,
    },
    collection: ({ accountId }) => `/accounts/${text(accountId)}/access/apps`,
    create: 'POST',
    update: 'PUT',
    importIdPrefix: ['accountId'],
  },
};

/**
 * The kind of a URN.
 *
 * @throws Error listing the supported kinds if it is not one of them
 */
export function kindOf(urn: string): Kind {
  const { token } = parseUrn(urn);
  const kind = Object.hasOwn(kinds, token) ? kinds[token] : undefined;
  if (kind !== undefined) return kind;
  throw new Error(
    `the lab's stand-in for the Cloudflare provider does not support ${token} ` +
      `(only ${Object.keys(kinds).join(', ')}); add it to lab/plugins/cloudflare/kinds.ts`,
  );
}
