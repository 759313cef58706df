import type { CloudflarePermission, PermissionScope } from './permissions';

/** A policy of an API token, as the API returns it. */
export interface TokenPolicy {
  effect: string;
  /** Maps a resource to `*`; an account may map to an object of its zones. */
  resources: Record<string, string | Record<string, string>>;
  permission_groups: { id: string; name?: string }[];
}

/** A resource that a permission is needed for. */
export interface TokenResource {
  scope: PermissionScope;
  id: string;
  /** Account of a zone. */
  accountId?: string;
}

/** Whether any policy grants the permission, for any resource of its scope. */
export function grantsAnywhere(policies: readonly TokenPolicy[], permission: CloudflarePermission): boolean {
  return policies.some((policy) => policy.effect === 'allow' && covers(policy, permission));
}

/** Whether the policies grant the permission for the resource: one allows it and none denies it. */
export function grants(
  policies: readonly TokenPolicy[],
  permission: CloudflarePermission,
  resource: TokenResource,
): boolean {
  const matching = policies.filter((policy) => covers(policy, permission) && appliesTo(policy, resource));
  return matching.length > 0 && matching.every(({ effect }) => effect === 'allow');
}

/** Whether a policy has the permission, and resources of its scope: the same name may exist for another scope. */
function covers({ permission_groups: groups, resources }: TokenPolicy, permission: CloudflarePermission): boolean {
  const names = [permission.name, ...(permission.alternatives ?? [])];
  const scoped = Object.entries(resources).some(([key, value]) => {
    const inner = typeof value === 'string' ? [] : Object.keys(value);
    return [key, ...inner].some((resource) => scopeOf(resource) === permission.scope);
  });
  return scoped && groups.some(({ name }) => name !== undefined && names.includes(name));
}

function appliesTo({ resources }: TokenPolicy, { scope, id, accountId }: TokenResource): boolean {
  const keys = [`${scope}.${id}`, `${scope}.*`];
  if (keys.some((key) => resources[key] === '*')) return true;
  const account = resources[`com.cloudflare.api.account.${accountId ?? ''}`];
  return typeof account === 'object' && keys.some((key) => account[key] === '*');
}

/** `com.cloudflare.api.account.zone.<id>` is a zone, although it has the prefix of an account. */
function scopeOf(resource: string): string {
  return resource.slice(0, resource.lastIndexOf('.'));
}

/**
 * What policies say, one text for each permission and resource, such as `DNS Write on com.cloudflare.api.account.zone.<id>`:
 * two tokens with the same texts may do the same.
 */
export function grantTexts(policies: readonly TokenPolicy[]): string[] {
  const texts = policies.flatMap(({ effect, resources, permission_groups: groups }) => {
    const targets = Object.entries(resources).flatMap(([key, value]) =>
      typeof value === 'string' ? [key] : Object.keys(value).map((inner) => `${inner} of ${key}`),
    );
    const denied = effect === 'allow' ? '' : `${effect} `;
    return groups.flatMap(({ id, name = id }) => targets.map((target) => `${denied}${name} on ${target}`));
  });
  return [...new Set(texts)].sort();
}
