import { pulumiUp } from '../../../cli/drift/pulumi/up';
import { CloudflareApi } from '../../../clients/cloudflare/api';
import type { DnsRecord } from '../../../clients/cloudflare/zoneReader';
import { hasCloudflare } from '../../../cluster/definition';
import { tunnelHostnames, tunnelName, zoneSettings } from '../../../cluster/tunnel';
import type { Tamper } from '../tamper';
import type { Undo } from '../undo';
import { required, type World } from '../world';

/** What someone does in Cloudflare's dashboard. */
export function edgeTampers(world: World): Tamper[] {
  const { definition } = world.stack;
  if (!hasCloudflare(definition)) return [];
  const { cluster, zone } = tunnelHostnames(definition);
  const tunnel = `tunnel ${tunnelName(definition)}`;
  const record = (name: string, host: string, change: Partial<DnsRecord>, field: string): Tamper => ({
    name: `edge-${name}`,
    layer: 'edge',
    expect: [{ layer: 'edge', object: `record ${host}`, field }],
    apply: () => changeRecord(world, host, change),
  });
  return [
    record('record-content', cluster, { content: 'elsewhere.example.org' }, 'content'),
    record('record-unproxied', cluster, { proxied: false }, 'proxied'),
    {
      name: 'edge-record-deleted',
      layer: 'edge',
      expect: [{ layer: 'edge', object: `record ${cluster}` }],
      apply: () => deleteRecord(world, cluster),
    },
    {
      name: 'edge-tunnel-renamed',
      layer: 'edge',
      expect: [{ layer: 'edge', object: tunnel }],
      apply: () => renameTunnel(world, tunnelName(definition)),
    },
    ...(zone === undefined
      ? []
      : [
          record('zone-record-content', zone, { content: 'elsewhere.example.org' }, 'content'),
          ...Object.entries({ ssl: 'flexible', always_use_https: 'off', min_tls_version: '1.0' }).map(
            ([setting, value]): Tamper => ({
              name: `edge-setting-${setting.replaceAll('_', '-')}`,
              layer: 'edge',
              expect: [{ layer: 'edge', object: `zone ${definition.domain}`, field: setting }],
              apply: () => changeSetting(world, setting as keyof typeof zoneSettings, value),
            }),
          ),
        ]),
  ];
}

async function changeRecord(world: World, host: string, change: Partial<DnsRecord>): Promise<Undo> {
  return inZone(world, async (call, zone) => {
    const { id, ...before } = await recordOf(call, zone, host);
    const { name, type, content, proxied, ttl, comment } = before;
    const path = `/zones/${zone}/dns_records/${id}`;
    await call('PATCH', path, change);
    return () =>
      inZone(world, async (again) => void (await again('PATCH', path, { name, type, content, proxied, ttl, comment })));
  });
}

/** Undone by `up`: made by hand, the record would have another id, which is drift as well. */
async function deleteRecord(world: World, host: string): Promise<Undo> {
  const { stack } = world;
  return inZone(world, async (call, zone) => {
    const { id } = await recordOf(call, zone, host);
    await call('DELETE', `/zones/${zone}/dns_records/${id}`);
    return async () => pulumiUp(stack.stack).run(stack);
  });
}

async function changeSetting(world: World, setting: keyof typeof zoneSettings, value: string): Promise<Undo> {
  const set = (to: string): Promise<void> =>
    inZone(
      world,
      async (call, zone) => void (await call('PATCH', `/zones/${zone}/settings/${setting}`, { value: to })),
    );
  await set(value);
  return () => set(zoneSettings[setting]);
}

async function renameTunnel(world: World, name: string): Promise<Undo> {
  return inZone(world, async (call, _zone, account) => {
    const tunnels = await call<{ id: string; name: string }[]>(
      'GET',
      `/accounts/${account}/cfd_tunnel?is_deleted=false`,
    );
    const id = tunnels.find((tunnel) => tunnel.name === name)?.id;
    if (id === undefined) throw new Error(`Cloudflare has no tunnel ${name}`);
    const path = `/accounts/${account}/cfd_tunnel/${id}`;
    await call('PATCH', path, { name: `${name}-renamed` });
    return () => inZone(world, async (again) => void (await again('PATCH', path, { name })));
  });
}

async function recordOf(call: Call, zone: string, host: string): Promise<DnsRecord> {
  const [found] = await call<DnsRecord[]>('GET', `/zones/${zone}/dns_records?name=${host}`);
  if (found === undefined) throw new Error(`the zone has no record ${host}`);
  return found;
}

type Call = <T = unknown>(method: string, path: string, body?: unknown) => Promise<T>;

/** Runs the work with the token of the stack, and the ids of its zone and account. */
async function inZone<T>(
  { stack }: World,
  work: (call: Call, zone: string, account: string) => Promise<T>,
): Promise<T> {
  const { cloudflareApiToken } = required(stack.secrets, 'the secrets of the stack');
  const api = new CloudflareApi(cloudflareApiToken, stack.signal);
  const call: Call = async <R>(method: string, path: string, body?: unknown) => {
    const { result, status, errors } = await api.call<R>(method, path, body);
    if (result !== undefined) return result;
    throw new Error(
      `Cloudflare answered ${method} ${path} with ${status} ${errors.map(({ message }) => message).join(', ')}`,
    );
  };
  try {
    const { domain } = stack.definition;
    const zones = await call<{ id: string; account: { id: string } }[]>('GET', `/zones?name=${domain}`);
    const [zone] = zones;
    if (zone === undefined) throw new Error(`Cloudflare has no zone ${domain}`);
    return await work(call, zone.id, zone.account.id);
  } finally {
    await api.close();
  }
}
