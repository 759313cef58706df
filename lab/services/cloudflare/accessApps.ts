import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { accessRoutes, invalidRequest } from './access';
import { findById, stringField, type AccountCall } from './call';
import { newId } from './store';
import { cloudflareError, type StoredAccessApp } from './types';

/** Self-hosted Access applications, each for one or more hosts. */
export const accessAppRoutes = accessRoutes<StoredAccessApp>('/accounts/:account/access/apps', {
  list: ({ account }) => account.accessApps,
  create,
  find,
  replace,
  remove,
  show,
});

function create(call: AccountCall): StoredAccessApp {
  const time = call.now.toISOString();
  const id = randomUUID();
  const app = { ...readApp(call, undefined), id, aud: newId() + newId(), created_at: time, updated_at: time };
  call.account.accessApps.push(app);
  call.store.save();
  return app;
}

function replace(call: AccountCall): StoredAccessApp {
  const app = find(call);
  Object.assign(app, readApp(call, app), { updated_at: call.now.toISOString() });
  call.store.save();
  return app;
}

function remove(call: AccountCall): unknown {
  const app = find(call);
  call.account.accessApps.splice(call.account.accessApps.indexOf(app), 1);
  call.store.save();
  return { id: app.id };
}

function find(call: AccountCall): StoredAccessApp {
  return findById(call.account.accessApps, call, cloudflareError(404, 11021, 'access.api.error.unknown_application'));
}

const destinations = z.array(z.object({ type: z.literal('public').default('public'), uri: z.string().min(1) }));
const policies = z.array(z.union([z.string(), z.object({ id: z.string(), precedence: z.int().min(1).optional() })]));

type Fields = Omit<StoredAccessApp, 'id' | 'aud' | 'created_at' | 'updated_at'>;

function readApp(call: AccountCall, self: StoredAccessApp | undefined): Fields {
  const type = stringField(call, 'type') ?? '';
  if (type !== 'self_hosted')
    throw invalidRequest(`the type "${type}" is not supported by the lab's Cloudflare stand-in`);
  const parsed = destinations.safeParse(call.body.destinations ?? []);
  if (!parsed.success) throw invalidRequest('destinations must be a list of public hosts');
  const domain = stringField(call, 'domain') ?? parsed.data[0]?.uri;
  if (domain === undefined) throw invalidRequest('domain or destinations is required');
  const hosts = parsed.data.length === 0 ? [{ type: 'public' as const, uri: domain }] : parsed.data;
  for (const { uri } of hosts) checkHost(call, self, uri);
  return {
    name: stringField(call, 'name') ?? domain,
    type,
    domain,
    destinations: hosts,
    policies: policiesOf(call),
    session_duration: stringField(call, 'session_duration') ?? '24h',
    app_launcher_visible: call.body.app_launcher_visible !== false,
  };
}

/** A host must be in a zone of the account and in one application only. */
function checkHost({ store, account }: AccountCall, self: StoredAccessApp | undefined, uri: string): void {
  const [host = ''] = uri.split('/');
  const zones = store.state.zones.filter(({ accountId }) => accountId === account.id);
  if (!zones.some(({ name }) => host === name || host.endsWith(`.${name}`))) {
    throw invalidRequest(`domain ${host} does not belong to a zone of the account`);
  }
  const others = account.accessApps.filter((app) => app !== self);
  if (others.some((app) => app.destinations.some((destination) => destination.uri === uri))) {
    throw cloudflareError(409, 11010, `access.api.error.application_already_exists: ${uri}`);
  }
}

function policiesOf({ account, body }: AccountCall): StoredAccessApp['policies'] {
  const parsed = policies.safeParse(body.policies ?? []);
  if (!parsed.success) throw invalidRequest('policies must be a list of policies by their ids');
  return parsed.data.map((given, index) => {
    const { id, precedence = index + 1 } = typeof given === 'string' ? { id: given } : given;
    if (!account.accessPolicies.some((policy) => policy.id === id)) throw invalidRequest(`there is no policy ${id}`);
    return { id, precedence };
  });
}

function show({ account }: AccountCall, app: StoredAccessApp): Record<string, unknown> {
  return {
    ...app,
    uid: app.id,
    self_hosted_domains: app.destinations.map(({ uri }) => uri),
    policies: app.policies.map(({ id, precedence }) => ({
      ...account.accessPolicies.find((policy) => policy.id === id),
      reusable: true,
      precedence,
    })),
    allowed_idps: [],
    tags: [],
    auto_redirect_to_identity: false,
    enable_binding_cookie: false,
    http_only_cookie_attribute: true,
    options_preflight_bypass: false,
  };
}
