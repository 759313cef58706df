import type { CloudflarePermission, PermissionScope } from './permissions';

/** A policy of an API token, as the API shows it. */
export interface TokenPolicy {
  effect: string;
  /** Resource to `*`; an account's may go to a map of its zones. */
  resources: Record<string, string | Record<string, string>>;
  permission_groups: { id: string; name?: string }[];
}

/** The resource that a permission is needed for. */
export interface TokenResource {
  scope: PermissionScope;
  id: string;
  /** Of a zone: the account it is in. */
  accountId?: string;
}

/** Whether any policy gives that permission, for whatever resource of its scope. */
export function mentions(policies: readonly TokenPolicy[], permission: CloudflarePermission): boolean {
  return policies.some((policy) => policy.effect === 'allow' && speaksOf(policy, permission));
}

/** Whether the policies give that permission for that resource: one allows it and none denies it. */
export function permits(
  policies: readonly TokenPolicy[],
  permission: CloudflarePermission,
  resource: TokenResource,
): boolean {
  const matching = policies.filter((policy) => speaksOf(policy, permission) && reaches(policy, resource));
  return matching.length > 0 && matching.every(({ effect }) => effect === 'allow');
}

/** A group of that name counts where the policy has resources of its scope: the name may exist for other scopes, too. */
function speaksOf({ permission_groups: groups, resources }: TokenPolicy, permission: CloudflarePermission): boolean {
  const names = [permission.name, ...(permission.also ?? [])];
  const scoped = Object.entries(resources).some(([key, value]) => {
    const inner = typeof value === 'string' ? [] : Object.keys(value);
    return [key, ...inner].some((resource) => scopeOf(resource) === permission.scope);
  });
  return scoped && groups.some(({ name }) => name !== undefined && names.includes(name));
}

function reaches({ resources }: TokenPolicy, { scope, id, accountId }: TokenResource): boolean {
  const keys = [`${scope}.${id}`, `${scope}.*`];
  if (keys.some((key) => resources[key] === '*')) return true;
  const account = resources[`com.cloudflare.api.account.${accountId ?? ''}`];
  return typeof account === 'object' && keys.some((key) => account[key] === '*');
}

/** `com.cloudflare.api.account.zone.<id>` is a zone's, although it begins as an account's. */
function scopeOf(resource: string): string {
  return resource.slice(0, resource.lastIndexOf('.'));
}
