import { isMap, plain, textAt, type Properties } from '../provider/properties';
import type { ProviderApi } from './api';
import { fromApi } from './translate';

/** A provider function: takes its arguments and returns them with the results. */
type Lookup = (api: ProviderApi, args: Properties) => Promise<Properties>;

const defaultMaxItems = 1000;

/** The supported functions by token: lookups of the kind that the program uses. */
const functions: Readonly<Record<string, Lookup>> = {
  'cloudflare:index/getAccounts:getAccounts': (api, args) =>
    lookUp(api, '/accounts', args, { name: textAt(args, 'name') }),
  'cloudflare:index/getZones:getZones': (api, args) =>
    lookUp(
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
    lookUp(api, '/user/tokens/permission_groups', args, { name: textAt(args, 'name'), scope: textAt(args, 'scope') }),
};

/**
 * Calls a provider function.
 *
 * @throws Error listing the supported functions if it is not one of them
 */
export function callFunction(api: ProviderApi, token: string, args: Properties): Promise<Properties> {
  const found = Object.hasOwn(functions, token) ? functions[token] : undefined;
  if (found !== undefined) return found(api, plain(args) as Properties);
  throw new Error(
    `the lab's stand-in for the Cloudflare provider does not support the function ${token} ` +
      `(only ${Object.keys(functions).join(', ')})`,
  );
}

async function lookUp(
  api: ProviderApi,
  path: string,
  args: Properties,
  query: Record<string, string | undefined>,
): Promise<Properties> {
  const filters = Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]));
  const found = await api.list(path, Object.fromEntries(filters) as Record<string, string>);
  const maxItems = typeof args.maxItems === 'number' ? args.maxItems : defaultMaxItems;
  const results = found.slice(0, maxItems).map((entry) => fromApi(entry));
  return { ...args, results: results.filter(isMap) };
}
