import { neededPermissions } from '../../../clients/cloudflare/permissions';
import { CloudflareApi, type CloudflareResponse } from '../../../clients/cloudflare/api';
import { permissionGroups } from './permissionGroups';

export interface MintArgs {
  /** Origin of the stand-in: "http://127.0.0.1:<port>". */
  origin: string;
  /** A token that can create tokens and has all permissions of the new one. */
  token: string;
  /** Names of the account and the zone that the new token gets access to. */
  account: string;
  zone: string;
  /** Names of permission groups to leave out, such as "DNS Write". */
  without?: readonly string[];
  /** ISO 8601, in the future. Absent: the token does not expire. */
  expiresOn?: string;
}

/**
 * Creates a token through the API, as an operator would: all permissions that the program needs for one account and
 * zone, except those in `without`. Returns the token's value.
 *
 * @throws Error with the response of the Cloudflare stand-in if a call fails
 */
export async function mintToken({ origin, token, account, zone, without = [], expiresOn }: MintArgs): Promise<string> {
  const api = new CloudflareApi(token, new AbortController().signal, `${origin}/client/v4`);
  try {
    const [found] = resultOf(
      await api.list<{ id: string; account: { id: string; name: string } }>('/zones', { name: zone }),
    );
    if (found?.account.name !== account) throw new Error(`zone ${zone} does not exist in account ${account}`);
    const { id: self } = resultOf(await api.call<{ id: string }>('GET', '/user/tokens/verify'));
    const own = resultOf(await api.call<{ policies: { resources: object }[] }>('GET', `/user/tokens/${self}`));
    const user = own.policies
      .flatMap(({ resources }) => Object.keys(resources))
      .find((key) => key.startsWith(`${userScope}.`));
    const resources = [
      `com.cloudflare.api.account.zone.${found.id}`,
      `com.cloudflare.api.account.${found.account.id}`,
      user,
    ];
    const policies = resources.flatMap((resource) => policyFor(resource ?? '', without));
    const body = { name: `lab: ${new Date().toISOString()}`, policies, ...(expiresOn && { expires_on: expiresOn }) };
    return resultOf(await api.call<{ value: string }>('POST', '/user/tokens', body)).value;
  } finally {
    await api.close();
  }
}

const userScope = 'com.cloudflare.api.user';

function policyFor(resource: string, without: readonly string[]): object[] {
  const scope = resource.slice(0, resource.lastIndexOf('.'));
  const groups = neededPermissions({ needsAccess: true, ownsZone: true })
    .filter((permission) => permission.scope === scope && !without.includes(permission.name))
    .map(({ name }) =>
      permissionGroups.find((group) => group.name === name && group.scopes.some((other) => other === scope)),
    )
    .flatMap((group) => (group === undefined ? [] : [{ id: group.id }]));
  return groups.length === 0 ? [] : [{ effect: 'allow', resources: { [resource]: '*' }, permission_groups: groups }];
}

function resultOf<T>({ result, text }: CloudflareResponse<T>): T {
  if (result === undefined) throw new Error(`the Cloudflare stand-in refused the call: ${text.trim()}`);
  return result;
}
