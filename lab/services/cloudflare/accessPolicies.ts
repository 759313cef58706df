import { randomUUID } from 'node:crypto';
import { accessRoutes, invalid } from './access';
import { byId, textOf, type AccountCall } from './call';
import { refusal, type StoredAccessPolicy } from './types';

/** Who gets in: Access policies that applications can share. */
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
  if (users(call, policy) > 0) throw invalid('the policy is in use by an application');
  const { accessPolicies } = call.account;
  accessPolicies.splice(accessPolicies.indexOf(policy), 1);
  call.store.save();
  return { id: policy.id };
}

function find(call: AccountCall): StoredAccessPolicy {
  const missing = refusal(404, 12133, 'access.api.error.not_found: policy not found');
  return byId(call.account.accessPolicies, call, missing);
}

function readPolicy(call: AccountCall): Omit<StoredAccessPolicy, 'id' | 'created_at' | 'updated_at'> {
  const name = textOf(call, 'name') ?? '';
  const decision = textOf(call, 'decision') ?? '';
  if (name === '') throw invalid('name is required');
  if (!['allow', 'deny', 'non_identity', 'bypass'].includes(decision)) throw invalid(`unknown decision "${decision}"`);
  const include = rulesOf(call, 'include');
  if (include.length === 0) throw invalid('at least one include rule is required');
  return {
    name,
    decision,
    include,
    exclude: rulesOf(call, 'exclude'),
    require: rulesOf(call, 'require'),
    session_duration: textOf(call, 'session_duration') ?? '24h',
  };
}

/** The rules that the platform uses, with what each holds. */
const rules: Readonly<Record<string, string | undefined>> = {
  email: 'email',
  email_domain: 'domain',
  everyone: undefined,
};

function rulesOf({ body }: AccountCall, key: string): unknown[] {
  const list = body[key] ?? [];
  if (!Array.isArray(list)) throw invalid(`${key} must be a list of rules`);
  for (const rule of list as Record<string, Record<string, unknown>>[]) {
    const [kind = '', ...more] = Object.keys(rule);
    if (more.length > 0) throw invalid('a rule has one selector');
    if (!Object.hasOwn(rules, kind))
      throw invalid(`the selector "${kind}" is not in the lab's stand-in for Cloudflare`);
    const holds = rules[kind];
    const value = holds === undefined ? 'nothing' : rule[kind]?.[holds];
    if (typeof value !== 'string' || value === '') throw invalid(`${kind} needs ${holds ?? ''}`);
  }
  return list as unknown[];
}

function users({ account }: AccountCall, { id }: StoredAccessPolicy): number {
  return account.accessApps.filter(({ policies }) => policies.some((policy) => policy.id === id)).length;
}

function show(call: AccountCall, policy: StoredAccessPolicy): Record<string, unknown> {
  return {
    ...policy,
    reusable: true,
    app_count: users(call, policy),
    approval_required: false,
    isolation_required: false,
  };
}
