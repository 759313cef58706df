import { randomUUID } from 'node:crypto';
import { accessRoutes, invalidRequest } from './access';
import { findById, stringField, type AccountCall } from './call';
import { cloudflareError, type StoredAccessPolicy } from './types';

/** Reusable Access policies. */
export const accessPolicyRoutes = accessRoutes<StoredAccessPolicy>('/accounts/:account/access/policies', {
  list: ({ account }) => account.accessPolicies,
  create,
  find,
  replace,
  remove,
  show,
});

function create(call: AccountCall): StoredAccessPolicy {
  const time = call.now.toISOString();
  const policy = { ...readPolicy(call), id: randomUUID(), created_at: time, updated_at: time };
  call.account.accessPolicies.push(policy);
  call.store.save();
  return policy;
}

function replace(call: AccountCall): StoredAccessPolicy {
  const policy = find(call);
  Object.assign(policy, readPolicy(call), { updated_at: call.now.toISOString() });
  call.store.save();
  return policy;
}

function remove(call: AccountCall): unknown {
  const policy = find(call);
  if (appCount(call, policy) > 0) throw invalidRequest('the policy is in use by an application');
  const { accessPolicies } = call.account;
  accessPolicies.splice(accessPolicies.indexOf(policy), 1);
  call.store.save();
  return { id: policy.id };
}

function find(call: AccountCall): StoredAccessPolicy {
  const missing = cloudflareError(404, 12133, 'access.api.error.not_found: policy not found');
  return findById(call.account.accessPolicies, call, missing);
}

function readPolicy(call: AccountCall): Omit<StoredAccessPolicy, 'id' | 'created_at' | 'updated_at'> {
  const name = stringField(call, 'name') ?? '';
  const decision = stringField(call, 'decision') ?? '';
  if (name === '') throw invalidRequest('name is required');
  if (!['allow', 'deny', 'non_identity', 'bypass'].includes(decision))
    throw invalidRequest(`unknown decision "${decision}"`);
  const include = rulesOf(call, 'include');
  if (include.length === 0) throw invalidRequest('at least one include rule is required');
  return {
    name,
    decision,
    include,
    exclude: rulesOf(call, 'exclude'),
    require: rulesOf(call, 'require'),
    session_duration: stringField(call, 'session_duration') ?? '24h',
  };
}

/** The selectors that the platform uses, each with the key of its value. */
const selectors: Readonly<Record<string, string | undefined>> = {
  email: 'email',
  email_domain: 'domain',
  everyone: undefined,
};

function rulesOf({ body }: AccountCall, key: string): unknown[] {
  const list = body[key] ?? [];
  if (!Array.isArray(list)) throw invalidRequest(`${key} must be a list of rules`);
  for (const rule of list as Record<string, Record<string, unknown>>[]) {
    const [selector = '', ...more] = Object.keys(rule);
    if (more.length > 0) throw invalidRequest('a rule has one selector');
    if (!Object.hasOwn(selectors, selector))
      throw invalidRequest(`the selector "${selector}" is not supported by the lab's Cloudflare stand-in`);
    const valueKey = selectors[selector];
    const value = valueKey === undefined ? 'none' : rule[selector]?.[valueKey];
    if (typeof value !== 'string' || value === '') throw invalidRequest(`${selector} needs ${valueKey ?? ''}`);
  }
  return list as unknown[];
}

function appCount({ account }: AccountCall, { id }: StoredAccessPolicy): number {
  return account.accessApps.filter(({ policies }) => policies.some((policy) => policy.id === id)).length;
}

function show(call: AccountCall, policy: StoredAccessPolicy): Record<string, unknown> {
  return {
    ...policy,
    reusable: true,
    app_count: appCount(call, policy),
    approval_required: false,
    isolation_required: false,
  };
}
