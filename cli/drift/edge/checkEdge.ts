import { setTimeout as sleep } from 'node:timers/promises';
import { CloudflareApi } from '../../../clients/cloudflare/api';
import { readCloudflareToken } from '../../../clients/cloudflare/checkToken';
import { evaluateToken } from '../../../clients/cloudflare/evaluateToken';
import { neededPermissions } from '../../../clients/cloudflare/permissions';
import { Tunnels } from '../../../clients/cloudflare/tunnels';
import { userTokens } from '../../../clients/cloudflare/userTokens';
import { recordsOf, settingOf } from '../../../clients/cloudflare/zoneReader';
import { KubernetesRefused } from '../../../clients/kubernetes/errors';
import { messageOf } from '../../../clients/userError';
import { type ClusterWithCloudflare, hasCloudflare } from '../../../cluster/definition';
import { cloudflareItems } from '../../../cluster/onePasswordFields';
import { secretAge } from '../../../cluster/secretAges';
import { mayRead } from '../../../cluster/systemNames';
import { issuedTokens, tunnelName, tunnelRecords, zoneSettings } from '../../../cluster/tunnel';
import { tokens as types } from '../../../provider/resources/tokens';
import { resourceObject, resourcesOf, type StateResource } from '../../stack/exportedState';
import type { DriftContext } from '../context';
import type { CouldNotTell, Drift, LayerFindings } from '../drift';
import { isKnown } from '../known';
import { pulumiUp } from '../pulumi/up';
import { evaluateAges } from '../secrets/ages';
import { evaluateIssuedToken, evaluateRecord, evaluateSetting, evaluateTunnel, type Managed } from './evaluateEdge';
import { evaluateGateway, evaluateLoadBalancer, type Gateway, type Service } from './gateways';

/** How long something may be wrong without being reported: what rolls out is connected and programmed again soon. */
const pauseMilliseconds = 5_000;

/** What `pulumi up` puts back. The findings hide those of Pulumi's layer, which have the same fix. */
const fixedByUp: readonly string[] = ['tunnel', 'dns-record', 'zone-setting', 'token', 'token-scopes'];

/** What a check found. */
type Findings = Pick<LayerFindings, 'drift' | 'couldNotTell' | 'compared'>;

/** Compares what leads into the cluster: Cloudflare's part, if the stack has one, and the addresses of Gateways and Services. */
export async function checkEdge(context: DriftContext, pause = pauseMilliseconds): Promise<LayerFindings> {
  const { definition } = context;
  const [addresses, cloudflare] = await Promise.all([
    twice(context, pause, () => checkAddresses(context)),
    hasCloudflare(definition) ? twice(context, pause, () => checkCloudflare(context, definition)) : together([]),
  ]);
  return together([cloudflare, addresses]);
}

function together(all: readonly Findings[]): Findings {
  return {
    drift: all.flatMap(({ drift }) => drift),
    couldNotTell: all.flatMap(({ couldNotTell }) => couldNotTell),
    compared: all.reduce((sum, { compared }) => sum + compared, 0),
  };
}

/** What a check finds both times, if it finds drift at all. */
async function twice({ signal }: DriftContext, pause: number, check: () => Promise<Findings>): Promise<Findings> {
  const first = await check();
  if (first.drift.length === 0) return first;
  await sleep(pause, undefined, { signal });
  const second = await check();
  const keyOf = ({ object, field, found }: Drift): string => JSON.stringify([object, field, found]);
  const before = new Set(first.drift.map(keyOf));
  return { ...second, drift: second.drift.filter((one) => before.has(keyOf(one))) };
}

async function checkAddresses(context: DriftContext): Promise<Findings> {
  const nothing = (why: string, todo: string): Findings => ({
    ...{ drift: [], compared: 0 },
    couldNotTell: [{ layer: 'edge', object: 'the addresses of Gateways and Services', why, todo }],
  });
  const kubernetes = await context.kubernetes();
  if (!isKnown(kubernetes)) return nothing(kubernetes.why, kubernetes.todo);
  try {
    const client = kubernetes.value;
    const [gateways, services] = await Promise.all([
      client.list<Gateway>('/apis/gateway.networking.k8s.io/v1/gateways'),
      client.list<Service>('/api/v1/services'),
    ]);
    const balancers = services.filter(({ spec }) => spec?.type === 'LoadBalancer');
    return {
      drift: [
        ...gateways.flatMap((gateway) => evaluateGateway(gateway, services)),
        ...balancers.flatMap((service) => evaluateLoadBalancer(service)),
      ],
      couldNotTell: [],
      compared: gateways.length + balancers.length,
    };
  } catch (error) {
    context.signal.throwIfAborted();
    const todo = error instanceof KubernetesRefused ? 'use a kubeconfig that may list them' : 'run drift again';
    return nothing(messageOf(error), todo);
  }
}

async function checkCloudflare(context: DriftContext, definition: ClusterWithCloudflare): Promise<Findings> {
  const { secrets, stack, signal } = context;
  const notTold = (why: string, todo: string, object = 'everything in Cloudflare'): CouldNotTell => ({
    ...{ layer: 'edge', object, why, todo },
  });
  if (!isKnown(secrets)) return { drift: [], couldNotTell: [notTold(secrets.why, secrets.todo)], compared: 0 };
  const { cloudflareApiToken: apiToken } = secrets.value;
  const { account, ownsZone, access } = definition.cloudflare;
  const zone = definition.domain;
  const baseUrl = process.env.CLOUDFLARE_BASE_URL;
  if (apiToken === '') {
    const set = `set it: pulumi config set --secret cloudflareApiToken --stack ${stack}, or CLOUDFLARE_API_TOKEN`;
    return { drift: [], couldNotTell: [notTold('the stack has no cloudflareApiToken', set)], compared: 0 };
  }
  const found = await readCloudflareToken({ apiToken, account, zone, signal, ...(baseUrl && { baseUrl }) });
  if (found.token.state === 'unknown' && found.token.noResponse) {
    const todo = 'make Cloudflare reachable from here, and run drift again';
    return { drift: [], couldNotTell: [notTold(found.token.why, todo)], compared: 0 };
  }
  const permissions = neededPermissions({ needsAccess: access !== undefined, ownsZone });
  const results = evaluateToken({ account, zone, permissions }, found);
  const own = results
    .filter(({ ok, warning }) => !ok || warning)
    .map(({ what, why, fix, warning }): Drift => ({
      ...{ id: warning ? 'secret-expiry' : 'cloudflare-token', layer: 'edge', owner: 'people' },
      ...{ object: 'token cloudflareApiToken', why: `${what}: ${why}`, todo: fix },
    }));
  const ages = evaluateAges({ cloudflareApiToken: secretAge('api-key', found.issuedOn) }, stack, new Date());
  const program: Findings = {
    drift: [...own, ...ages.map((drift) => ({ ...drift, layer: 'edge' as const }))],
    couldNotTell: [],
    compared: results.length,
  };
  const foundZone = found.zones?.find((one) => one.account.name === account);
  if (foundZone === undefined) {
    const why = 'cloudflareApiToken does not work, or does not see the zone';
    return { ...program, couldNotTell: [notTold(why, 'correct what is reported of the token')] };
  }
  const ids = { account: foundZone.account.id, zone: { id: foundZone.id, name: zone } };
  return together([program, await compareEdge(context, definition, ids, { apiToken, ...(baseUrl && { baseUrl }) })]);
}

interface Ids {
  account: string;
  zone: { id: string; name: string };
}

async function compareEdge(
  context: DriftContext,
  definition: ClusterWithCloudflare,
  ids: Ids,
  { apiToken, baseUrl }: { apiToken: string; baseUrl?: string },
): Promise<Findings> {
  const { stack, signal, systems, state } = context;
  const api = new CloudflareApi(apiToken, signal, baseUrl);
  const tunnels = new Tunnels(apiToken, ids.account, signal, baseUrl);
  const managedBy = (type: string, isIt: (resource: StateResource) => boolean): Managed | undefined => {
    const resource = isKnown(state) ? resourcesOf(state.value, type).find(isIt) : undefined;
    return resource && { id: resource.id ?? '', object: resourceObject(resource) };
  };
  const name = tunnelName(definition);
  const managed = managedBy(types.tunnel, () => true);
  const [token] = cloudflareItems(definition.name);
  const runs = token !== undefined && mayRead(systems, token);
  const tell = async (object: string, compare: () => Promise<Drift[]>): Promise<Findings> => {
    try {
      return { drift: await compare(), couldNotTell: [], compared: 1 };
    } catch (error) {
      signal.throwIfAborted();
      const why = messageOf(error);
      const todo = 'give cloudflareApiToken what docs/cloudflare.md lists, or run drift again';
      return { drift: [], couldNotTell: [{ layer: 'edge', object, why, todo }], compared: 0 };
    }
  };
  const tunnel = (managed === undefined ? tunnels.find(name) : tunnels.getAny(managed.id)).catch(
    (error: Error) => error,
  );
  const existing = async (): Promise<Awaited<ReturnType<Tunnels['find']>>> => {
    const found = await tunnel;
    if (found instanceof Error) throw found;
    return found;
  };
  const issued = userTokens(api).catch((error: Error) => error);
  try {
    const all = await Promise.all([
      tell(`tunnel ${name}`, async () => evaluateTunnel({ name, stack, runs }, await existing(), managed)),
      ...tunnelRecords(definition).map((record) =>
        tell(`record ${record.name}`, async () => {
          const resource = managedBy(recordType, ({ inputs }) => inputs?.['name'] === record.name);
          const id = managed?.id ?? (await existing())?.id;
          return evaluateRecord(record, id, await recordsOf(api, ids.zone.id, record.name), stack, resource);
        }),
      ),
      ...(definition.cloudflare.ownsZone ? Object.entries(zoneSettings) : []).map(([id, value]) =>
        tell(`zone ${ids.zone.name} ${id}`, async () => {
          const resource = managedBy(settingType, ({ inputs }) => inputs?.['settingId'] === id);
          const found = await settingOf(api, ids.zone.id, id);
          return evaluateSetting(ids.zone.name, { id, value }, found, stack, resource);
        }),
      ),
      ...issuedTokens(definition).map((wanted) =>
        tell(`token ${wanted.name}`, async () => {
          const tokens = await issued;
          if (tokens instanceof Error) throw tokens;
          const resource = managedBy(tokenType, ({ inputs }) => inputs?.['name'] === wanted.name);
          const own = tokens.filter((one) => one.name === wanted.name || one.id === resource?.id);
          return evaluateIssuedToken({ name: wanted.name, zone: ids.zone, stack }, own, resource, new Date());
        }),
      ),
    ]);
    const { drift, ...rest } = together(all);
    const fix = pulumiUp(stack);
    return { ...rest, drift: drift.map((one) => (fixedByUp.includes(one.id) ? { ...one, fix } : one)) };
  } finally {
    await Promise.all([api.close(), tunnels.close()]);
  }
}

const recordType = 'cloudflare:index/dnsRecord:DnsRecord';
const settingType = 'cloudflare:index/zoneSetting:ZoneSetting';
const tokenType = 'cloudflare:index/apiToken:ApiToken';
