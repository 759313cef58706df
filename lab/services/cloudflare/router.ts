import { accessAppRoutes } from './accessApps';
import { accessPolicyRoutes } from './accessPolicies';
import { allows } from './authorization';
import type { Call, Result, Route } from './call';
import { directoryRoutes } from './directory';
import { dnsRecordRoutes } from './dnsRecords';
import { tokenRoutes } from './tokens';
import { tunnelRoutes } from './tunnels';
import { CloudflareError, refusal } from './types';
import { zoneSettingRoutes } from './zoneSettings';

const routes: readonly Route[] = [
  ...directoryRoutes,
  ...zoneSettingRoutes,
  ...dnsRecordRoutes,
  ...tunnelRoutes,
  ...tokenRoutes,
  ...accessPolicyRoutes,
  ...accessAppRoutes,
];

/** Where a request goes, with what its path names. */
export interface Target {
  route: Route;
  names: Record<string, string>;
}

/**
 * The route of a request, by its path below `/client/v4`.
 *
 * @throws CloudflareError as the API has it for a path that leads nowhere.
 */
export function findRoute(method: string, pathname: string): Target {
  const given = pathname.replace(/\/+$/, '').split('/');
  const here = routes.flatMap((route) => {
    const names = match(route.path.split('/'), given);
    return names === undefined ? [] : [{ route, names }];
  });
  const found = here.find(({ route }) => route.method === method);
  if (found !== undefined) return found;
  if (here.length > 0) throw refusal(405, 10405, 'Method not allowed for this authentication scheme');
  throw new CloudflareError(
    400,
    { code: 7003, message: `Could not route to ${pathname}, perhaps your object identifier is invalid?` },
    { code: 7000, message: "No route for that URI, or none in the lab's stand-in for Cloudflare" },
  );
}

/** Does what the route says, if the token may. */
export function runRoute({ route, names }: Target, call: Omit<Call, 'id'>): Result {
  const own: Call = { ...call, id: names.id ?? '' };
  const { state } = call.store;
  // What is out of a token's reach and what does not exist look the same.
  const closed = refusal(403, 10000, 'Authentication error');
  if (route.below === 'user') {
    const { need } = route;
    if (need !== undefined && !allows(call.token.policies, need, { kind: 'user', id: state.userId })) {
      throw refusal(403, 9109, 'Unauthorized to access requested resource');
    }
    return route.handle(own);
  }
  if (route.below === 'account') {
    const account = state.accounts.find(({ id }) => id === names.account);
    if (account === undefined) throw closed;
    if (!allows(call.token.policies, route.need, { kind: 'account', id: account.id })) throw closed;
    return route.handle({ ...own, account });
  }
  const zone = state.zones.find(({ id }) => id === names.zone);
  if (zone === undefined) throw closed;
  const resource = { kind: 'zone' as const, id: zone.id, accountId: zone.accountId };
  if (!allows(call.token.policies, route.need, resource)) throw closed;
  return route.handle({ ...own, zone });
}

/** What the path names, or undefined when it is another route's. Ids of accounts and zones have one form. */
function match(wanted: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  if (wanted.length !== given.length) return undefined;
  const names: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const text = given[index] ?? '';
    if (!part.startsWith(':')) {
      if (part !== text) return undefined;
    } else {
      if ([':account', ':zone'].includes(part) && !/^[0-9a-f]{32}$/.test(text)) return undefined;
      names[part.slice(1)] = text;
    }
  }
  return names;
}
