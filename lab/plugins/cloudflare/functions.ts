import { isMap, plain, textAt, type Properties } from '../provider/properties';
import type { ProviderApi } from './api';
import { fromApi } from './translate';

/** A function: what it asks, and what it says beside the results. */
type Lookup = (api: ProviderApi, args: Properties) => Promise<Properties>;

const greatest = 1000;

/** The functions by token: lookups by name, nothing more. */
const functions: Readonly<Record<string, Lookup>> = {
  'cloudflare:index/getAccounts:getAccounts': (api, args) =>
    look(api, '/accounts', args, { name: textAt(args, 'name') }),
  'cloudflare:index/getZones:getZones': (api, args) =>
    look(
      api,
      '/zones',
      { match: 'all', ...args },
      {
        name: textAt(args, 'name'),
        status: textAt(args, 'status'),
        'account.id': textAt(args, 'account', 'id'),
        'account.name': textAt(args, 'account', 'name'),
      },
    ),
  'cloudflare:index/getApiTokenPermissionGroupsList:getApiTokenPermissionGroupsList': (api, args) =>
    look(api, '/user/tokens/permission_groups', args, { name: textAt(args, 'name'), scope: textAt(args, 'scope') }),
};

/**
 * Calls a function of the provider.
 *
 * @throws Error saying which ones the stand-in has, for another.
 */
export function callFunction(api: ProviderApi, token: string, args: Properties): Promise<Properties> {
  const found = Object.hasOwn(functions, token) ? functions[token] : undefined;
  if (found !== undefined) return found(api, plain(args) as Properties);
  throw new Error(
    `this is the lab's stand-in for the Cloudflare provider, which has no function ${token} ` +
      `(only ${Object.keys(functions).join(', ')})`,
  );
}

async function look(
  api: ProviderApi,
  path: string,
  args: Properties,
  query: Record<string, string | undefined>,
): Promise<Properties> {
  const given = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]));
  const found = await api.list(path, Object.fromEntries(given) as Record<string, string>);
  const most = typeof args.maxItems === 'number' ? args.maxItems : greatest;
  const results = found.slice(0, most).map((entry) => fromApi(entry));
  return { ...args, results: results.filter(isMap) };
}
