import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { kinds } from '../../lab/plugins/cloudflare/kinds';
import { CloudflareStandIn } from '../../lab/plugins/cloudflare/standIn';
import { isMap, plain, secret, type Properties } from '../../lab/plugins/provider/properties';
import { CloudflareLab, rootToken } from '../services/cloudflareLab';

// The real provider's schema is in its SDK: an output that is never undefined has a type without `undefined`.
const sdk = path.dirname(require.resolve('@pulumi/cloudflare/package.json'));
const outputTypes = readFileSync(path.join(sdk, 'types', 'output.d.ts'), 'utf8');

/** Outputs that the real provider leaves out for the program's resources, or that only accounts of people have. */
const leftOut: Record<string, string[]> = {
  DnsRecord: ['includeShadowMetadata', 'tagsModifiedOn'],
  ZoneSetting: ['enabled', 'timeRemaining'],
  ApiToken: ['creatorEmailAtCreation', 'lastUsedOn', 'provisionerId', 'provisionerType'],
  // Changes when an application uses the policy.
  ZeroTrustAccessPolicy: ['appCount'],
  ZeroTrustAccessApplication: [],
  // Null until then.
  ZeroTrustTunnelCloudflared: ['connsActiveAt', 'deletedAt'],
};

function neverUndefined(type: string): string[] {
  const file = `${type[0]?.toLowerCase() ?? ''}${type.slice(1)}.d.ts`;
  const found = readFileSync(path.join(sdk, file), 'utf8').matchAll(/readonly (\w+): pulumi\.Output<(.+)>;/g);
  return [...found].flatMap(([, name = '', of = '']) => {
    if (of.endsWith('undefined')) return [];
    const nested = /^outputs\.(\w+)$/.exec(of)?.[1];
    return nested === undefined ? [name] : [name, ...fieldsOf(nested).map((field) => `${name}.${field}`)];
  });
}

function fieldsOf(type: string): string[] {
  const body = new RegExp(`export interface ${type} \\{(.*?)\\n\\}`, 's').exec(outputTypes)?.[1] ?? '';
  return [...body.matchAll(/^ {4}(\w+): /gm)].map(([, name = '']) => name);
}

const lab = new CloudflareLab();
const standIn = new CloudflareStandIn();
beforeAll(async () => {
  await lab.start();
  standIn.configure({ 'cloudflare:config:apiToken': rootToken, 'cloudflare:config:baseUrl': lab.baseUrl });
});
afterAll(() => lab.stop());

/** Inputs as those of the program. */
function inputsOf(type: string): Properties {
  const [accountId, zoneId] = [lab.accountId('ours'), lab.zoneId('example.org')];
  const inputs: Record<string, Properties> = {
    ZeroTrustTunnelCloudflared: { accountId, name: 't', tunnelSecret: secret(Buffer.alloc(32, 1).toString('base64')) },
    DnsRecord: {
      ...{ zoneId, name: 'a.example.org', type: 'CNAME', content: 'x.example.org' },
      ...{ proxied: true, ttl: 1, comment: 'c' },
    },
    ZoneSetting: { zoneId, settingId: 'ssl', value: 'strict' },
    ApiToken: {
      name: 'n',
      policies: [
        {
          effect: 'allow',
          permissionGroups: [{ id: groupId() }],
          resources: JSON.stringify({ [`com.cloudflare.api.account.zone.${zoneId}`]: '*' }),
        },
      ],
    },
    ZeroTrustAccessPolicy: { accountId, name: 'p', decision: 'allow', includes: [{ email: { email: 'a@b.org' } }] },
    ZeroTrustAccessApplication: {
      ...{ accountId, name: 'a', type: 'self_hosted' },
      destinations: [{ type: 'public', uri: 'a.example.org' }],
    },
  };
  return inputs[type] ?? {};
}

let groups: { id: string; name: string }[] = [];
const groupId = (): string => groups.find(({ name }) => name === 'DNS Write')?.id ?? '';
beforeAll(async () => {
  groups = (await lab.call('GET', '/user/tokens/permission_groups')).result as typeof groups;
});

test.each(Object.keys(kinds))('a state of %s has every output that the real provider always sets', async (token) => {
  const type = token.split(':').at(-1) ?? '';
  const { id, state } = await standIn.create(`urn:pulumi:s::p::${token}::x`, inputsOf(type), false);
  const values = plain(state) as Properties;
  // The real provider reads by the id among the outputs.
  expect(values.id).toBe(id);
  const has = (name: string): boolean => {
    const [first = '', second] = name.split('.');
    const value = values[first];
    return second === undefined ? value !== undefined : isMap(value) && value[second] !== undefined;
  };
  expect(
    neverUndefined(type)
      .filter((name) => !has(name))
      .sort(),
  ).toEqual(leftOut[type]);
  const read = await standIn.read(`urn:pulumi:s::p::${token}::x`, id, state, inputsOf(type));
  expect(Object.keys(read.state).sort()).toEqual(Object.keys(state).sort());
});
