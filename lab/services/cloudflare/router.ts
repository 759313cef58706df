import { accessAppRoutes } from './accessApps';
import { accessPolicyRoutes } from './accessPolicies';
import { allows } from './authorization';
import { allowsAccount, allowsZone, type Call, type Result, type Route } from './call';
import { accountAndZoneRoutes } from './accountsAndZones';
import { dnsRecordRoutes } from './dnsRecords';
import { tokenRoutes } from './tokens';
import { tunnelRoutes } from './tunnels';
import { CloudflareError, cloudflareError } from './types';
import { zoneSettingRoutes } from './zoneSettings';

const routes: readonly Route[] = [
  ...accountAndZoneRoutes,
  ...zoneSettingRoutes,
  ...dnsRecordRoutes,
  ...tunnelRoutes,
  ...tokenRoutes,
  ...accessPolicyRoutes,
  ...accessAppRoutes,
];

/** The route of a request and the values of its path parameters. */
export interface RouteMatch {
  route: Route;
  parameters: Record<string, string>;
}

/**
 * The route of a request, by its path below `/client/v4`.
 *
 * @throws CloudflareError 400 for an unknown path, 405 for an unsupported method
 */
export function findRoute(method: string, pathname: string): RouteMatch {
  const segments = pathname.replace(/\/+$/, '').split('/');
  const matches = routes.flatMap((route) => {
    const parameters = match(route.path.split('/'), segments);
    return parameters === undefined ? [] : [{ route, parameters }];
  });
  const found = matches.find(({ route }) => route.method === method);
  if (found !== undefined) return found;
  if (matches.length > 0) throw cloudflareError(405, 10405, 'Method not allowed for this authentication scheme');
  throw new CloudflareError(
    400,
    { code: 7003, message: `Could not route to ${pathname}, perhaps your object identifier is invalid?` },
    { code: 7000, message: "No route for that URI, or it is not supported by the lab's Cloudflare stand-in" },
  );
}

/**
 * Runs the route's handler.
 *
 * @throws CloudflareError 403 if the token lacks the permission
 */
export function runRoute({ route, parameters }: RouteMatch, call: Omit<Call, 'id'>): Result {
  const callWithId: Call = { ...call, id: parameters.id ?? '' };
  const { state } = call.store;
  // Cloudflare returns the same error for a resource that the token cannot access and for one that does not exist.
  const forbidden = cloudflareError(403, 10000, 'Authentication error');
  if (route.scope === 'user') {
    const { permission } = route;
    if (permission !== undefined && !allows(call.token.policies, permission, { kind: 'user', id: state.userId })) {
      throw cloudflareError(403, 9109, 'Unauthorized to access requested resource');
    }
    return route.handle(callWithId);
  }
  if (route.scope === 'account') {
    const account = state.accounts.find(({ id }) => id === parameters.account);
    if (account === undefined || !allowsAccount(callWithId, route.permission, account)) throw forbidden;
    return route.handle({ ...callWithId, account });
  }
  const zone = state.zones.find(({ id }) => id === parameters.zone);
  if (zone === undefined || !allowsZone(callWithId, route.permission, zone)) throw forbidden;
  return route.handle({ ...callWithId, zone });
}

/** The parameters of a path; undefined if it does not match the pattern. Account and zone ids are 32 hex digits. */
function match(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (!expected.startsWith(':')) {
      if (expected !== segment) return undefined;
    } else {
      if ([':account', ':zone'].includes(expected) && !/^[0-9a-f]{32}$/.test(segment)) return undefined;
      parameters[expected.slice(1)] = segment;
    }
  }
  return parameters;
}
