import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { permissionScopes } from '../../../clients/cloudflare/permissions';
import { allows, covers, statusOf, type Resource } from './authorization';
import { findById, type Call, type Route } from './call';
import { permissionGroups, type PermissionGroup } from './permissionGroups';
import { newId } from './store';
import { cloudflareError, type StoredToken, type TokenPolicy } from './types';

const read = { name: 'API Tokens', write: false };
const write = { name: 'API Tokens', write: true };

/** The user's API tokens. */
export const tokenRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/user/tokens',
    scope: 'user',
    permission: read,
    handle: (call) => call.store.state.tokens.map((token) => show(token, call.now)),
  },
  { method: 'POST', path: '/user/tokens', scope: 'user', permission: write, handle: create },
  { method: 'GET', path: '/user/tokens/permission_groups', scope: 'user', permission: read, handle: listGroups },
  {
    method: 'GET',
    path: '/user/tokens/:id',
    scope: 'user',
    permission: read,
    handle: (call) => show(find(call), call.now),
  },
  { method: 'PUT', path: '/user/tokens/:id', scope: 'user', permission: write, handle: replace },
  { method: 'DELETE', path: '/user/tokens/:id', scope: 'user', permission: write, handle: remove },
  { method: 'PUT', path: '/user/tokens/:id/value', scope: 'user', permission: write, handle: roll },
];

const time = z.iso.datetime({ offset: true });
const bodySchema = z.object({
  name: z.string().min(1).max(120),
  status: z.enum(['active', 'disabled']).optional(),
  expires_on: time.optional(),
  not_before: time.optional(),
  policies: z
    .array(
      z.object({
        effect: z.enum(['allow', 'deny']),
        permission_groups: z.array(z.object({ id: z.string() })).min(1),
        resources: z.record(z.string(), z.union([z.literal('*'), z.record(z.string(), z.literal('*'))])),
      }),
    )
    .min(1),
});

type Settings = Pick<StoredToken, 'name' | 'status' | 'expires_on' | 'not_before' | 'policies'>;

function create(call: Call): unknown {
  const now = call.now.toISOString();
  const token: StoredToken = {
    id: newId(),
    value: newValue(),
    issued_on: now,
    modified_on: now,
    last_used_on: null,
    ...readSettings(call),
  };
  call.store.state.tokens.push(token);
  call.store.save();
  // The only response that contains the value.
  return { ...show(token, call.now), value: token.value };
}

function replace(call: Call): unknown {
  const token = find(call);
  const settings = readSettings(call);
  delete token.expires_on;
  delete token.not_before;
  Object.assign(token, settings, { modified_on: call.now.toISOString() });
  call.store.save();
  return show(token, call.now);
}

function remove(call: Call): unknown {
  const { tokens } = call.store.state;
  const token = find(call);
  tokens.splice(tokens.indexOf(token), 1);
  call.store.save();
  return { id: token.id };
}

function roll(call: Call): unknown {
  const token = find(call);
  token.value = newValue();
  call.store.save();
  return token.value;
}

function find(call: Call): StoredToken {
  return findById(call.store.state.tokens, call, cloudflareError(404, 1003, 'Token not found'));
}

function newValue(): string {
  return randomBytes(30).toString('base64url');
}

function listGroups({ query }: Call): PermissionGroup[] {
  // Clients encode these two filters twice.
  const [name, scope] = ['name', 'scope'].map((key) => decodeURIComponent(query.get(key) ?? ''));
  return permissionGroups.filter(
    (group) => (!name || group.name === name) && (!scope || group.scopes.some((other) => other === scope)),
  );
}

function readSettings(call: Call): Settings {
  const parsed = bodySchema.safeParse(call.body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw cloudflareError(400, 1001, `Invalid token: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  if (call.body.condition !== undefined && call.body.condition !== null) {
    throw cloudflareError(400, 1001, "Invalid token: condition is not supported by the lab's Cloudflare stand-in");
  }
  const { name, status = 'active', expires_on, not_before, policies } = parsed.data;
  if (expires_on !== undefined && Date.parse(expires_on) <= call.now.getTime()) {
    throw cloudflareError(400, 1001, 'Invalid token: expires_on must be in the future');
  }
  return {
    name,
    status,
    ...(expires_on !== undefined && { expires_on }),
    ...(not_before !== undefined && { not_before }),
    policies: policies.map((policy) => readPolicy(call, policy)),
  };
}

/**
 * Validates a policy: its resources must belong to the user, and the calling token must itself have the permission
 * groups for them. (Cloudflare checks the latter for single zones only, the stand-in for all resources.)
 */
function readPolicy(call: Call, given: z.infer<typeof bodySchema>['policies'][number]): TokenPolicy {
  const resources = resourcesOf(call).filter((resource) => covers(given.resources, resource));
  const known = Object.keys(given.resources).every((key) => {
    const value = given.resources[key];
    return value !== undefined && resources.some((resource) => covers({ [key]: value }, resource));
  });
  if (!known || resources.length === 0) throw cloudflareError(403, 9109, 'Unauthorized to access requested resource');
  const groups = given.permission_groups.map(({ id }) => {
    const group = permissionGroups.find((candidate) => candidate.id === id);
    if (group === undefined) throw cloudflareError(400, 1001, `Invalid token: there is no permission group ${id}`);
    const inScope = resources.filter((resource) => group.scopes.includes(permissionScopes[resource.kind]));
    const [, name = '', access] = /^(.*) (Read|Write)$/.exec(group.name) ?? [];
    const permission = { name, write: access === 'Write' };
    const granted = inScope.every((resource) => allows(call.token.policies, permission, resource));
    if (inScope.length > 0 && granted) return { id, name: group.name };
    throw cloudflareError(
      400,
      1001,
      `Failed common permission check against resources. (Permission group: "${group.name}")`,
    );
  });
  // Cloudflare does not preserve their order.
  groups.sort((a, b) => a.id.localeCompare(b.id));
  return { id: newId(), effect: given.effect, resources: given.resources, permission_groups: groups };
}

function resourcesOf({ store: { state } }: Call): Resource[] {
  return [
    ...state.zones.map(({ id, accountId }) => ({ kind: 'zone' as const, id, accountId })),
    ...state.accounts.map(({ id }) => ({ kind: 'account' as const, id })),
    { kind: 'user', id: state.userId },
  ];
}

function show({ value: _value, seeded: _seeded, ...token }: StoredToken, now: Date): Record<string, unknown> {
  return { ...token, status: statusOf(token, now) };
}
