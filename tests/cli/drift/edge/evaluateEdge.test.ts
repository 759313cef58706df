import {
  evaluateIssuedToken,
  evaluateRecord,
  evaluateSetting,
  evaluateTunnel,
} from '../../../../cli/drift/edge/evaluateEdge';
import type { ApiToken } from '../../../../clients/cloudflare/userTokens';
import type { DnsRecord } from '../../../../clients/cloudflare/zoneReader';
import type { Tunnel } from '../../../../clients/cloudflare/tunnels';

const managed = { id: 't1', object: 'resource some:Type east' };
const explains = ['resource some:Type east'];
const up = 'pulumi up --refresh --stack east';

describe('the tunnel', () => {
  const tunnel: Tunnel = { id: 't1', name: 'site-east', config_src: 'local', deleted_at: null, status: 'healthy' };
  const wanted = { name: 'site-east', stack: 'east', runs: true };
  const base = { layer: 'edge', owner: 'Pulumi', object: 'tunnel site-east', explains };
  const evaluate = (change: Partial<Tunnel>) => evaluateTunnel(wanted, { ...tunnel, ...change }, managed);

  test('that is connected reports nothing', () => {
    expect(evaluate({})).toEqual([]);
    expect(evaluateTunnel({ ...wanted, runs: false }, { ...tunnel, status: 'inactive' })).toEqual([]);
  });

  test('that is missing or deleted', () => {
    const todo = `create a new one: ${up}`;
    expect(evaluateTunnel(wanted, undefined, managed)).toEqual([
      { ...base, id: 'tunnel', why: 'does not exist in Cloudflare', todo },
    ]);
    expect(evaluate({ deleted_at: '2026-11-01T00:00:00Z', status: 'down' })).toEqual([
      { ...base, id: 'tunnel', why: 'was deleted in Cloudflare', since: '2026-11-01T00:00:00Z', todo },
    ]);
  });

  test('with another name, or configured in Cloudflare', () => {
    expect(evaluate({ name: 'mine' })).toEqual([
      { ...base, id: 'tunnel', why: 'has the name mine in Cloudflare', todo: `have the program name it again: ${up}` },
    ]);
    expect(evaluate({ config_src: 'cloudflare' })).toEqual([
      {
        ...{ ...base, id: 'tunnel-configuration', field: 'config_src', wanted: 'local', found: 'cloudflare' },
        why: 'cloudflared no longer uses the ingress in Git',
        todo: `delete it in the dashboard, which cannot take it back, and create a new one: ${up}`,
      },
    ]);
  });

  test('that is not connected', () => {
    const connections = {
      ...{ id: 'tunnel-connections', layer: 'edge', owner: 'cloudflared', object: 'tunnel site-east' },
      ...{ field: 'status', wanted: 'healthy' },
      todo: 'see why cloudflared is not connected to this tunnel: docs/cloudflare.md, troubleshooting',
    };
    expect(evaluate({ status: 'degraded', conns_inactive_at: null })).toEqual([{ ...connections, found: 'degraded' }]);
    expect(evaluate({ status: 'down', conns_inactive_at: '2026-11-01T00:00:00Z' })).toEqual([
      { ...connections, found: 'down', since: '2026-11-01T00:00:00Z' },
    ]);
  });
});

describe('a record', () => {
  const wanted = {
    name: 'a.example.org',
    type: 'CNAME',
    proxied: true,
    ttl: 1,
    comment: 'Pulumi, stack east',
  } as const;
  const record: DnsRecord = { ...wanted, id: 'r1', content: 't1.cfargotunnel.com' };
  const evaluate = (...found: DnsRecord[]) => evaluateRecord(wanted, 't1', found, 'east', managed);
  const base = {
    ...{ id: 'dns-record', layer: 'edge', owner: 'Pulumi', object: 'record a.example.org', explains },
    todo: `have the program set it again: ${up}`,
  };

  test('as the program sets it reports nothing, whatever else has its name', () => {
    expect(evaluate(record)).toEqual([]);
    expect(evaluate({ ...record, type: 'TXT', content: 'x' }, record)).toEqual([]);
    // Without the tunnel, where it must point is not known.
    expect(evaluateRecord(wanted, undefined, [record], 'east')).toEqual([]);
  });

  test('is reported field by field', () => {
    expect(evaluate()).toEqual([{ ...base, why: 'does not exist' }]);
    expect(evaluate({ ...record, type: 'A', content: '192.0.2.1' })).toEqual([
      { ...base, field: 'type', wanted: 'CNAME', found: 'A' },
    ]);
    expect(evaluate({ ...record, content: 'x.example.org', proxied: false, comment: null })).toEqual([
      { ...base, field: 'content', wanted: 't1.cfargotunnel.com', found: 'x.example.org' },
      { ...base, field: 'proxied', wanted: 'true', found: 'false' },
      { ...base, field: 'comment', wanted: 'Pulumi, stack east' },
    ]);
    expect(evaluate({ ...record, ttl: 300 })).toEqual([{ ...base, field: 'ttl', wanted: '1', found: '300' }]);
  });
});

test('a setting of the zone', () => {
  const evaluate = (value: string) =>
    evaluateSetting(
      'example.org',
      { id: 'ssl', value: 'strict' },
      { id: 'ssl', value, modified_on: 'then' },
      'east',
      managed,
    );
  expect(evaluate('strict')).toEqual([]);
  expect(evaluate('off')).toEqual([
    {
      ...{ id: 'zone-setting', layer: 'edge', owner: 'Pulumi', object: 'zone example.org', field: 'ssl' },
      ...{ wanted: 'strict', found: 'off', since: 'then', todo: `have the program set it again: ${up}`, explains },
    },
  ]);
});

describe('a token that the program issued', () => {
  const key = 'com.cloudflare.api.account.zone.z1';
  const groups = (...names: string[]) => names.map((name) => ({ id: name, name }));
  const policy = (names: string[], resource = key) => ({
    ...{ effect: 'allow', resources: { [resource]: '*' } },
    permission_groups: groups(...names),
  });
  const asked = ['Zone Read', 'DNS Write'];
  const token: ApiToken = {
    id: 't1',
    name: 'site east dns',
    status: 'active',
    issued_on: 'then',
    policies: [policy(asked)],
  };
  const wanted = { name: 'site east dns', zone: { id: 'z1', name: 'example.org' }, stack: 'east' };
  const now = new Date('2026-11-29T12:00:00Z');
  const evaluate = (...found: ApiToken[]) => evaluateIssuedToken(wanted, found, managed, now);
  const base = { layer: 'edge', owner: 'Pulumi', object: 'token site east dns', explains };
  const again = `have the program set it again: ${up}`;
  const scopes = { ...base, id: 'token-scopes', field: 'policies', todo: again };

  test('with exactly the wanted permissions reports nothing, however it is written', () => {
    expect(evaluate(token)).toEqual([]);
    expect(evaluate({ ...token, policies: [policy(['DNS Write']), policy(['Zone Read'])] })).toEqual([]);
    expect(evaluateIssuedToken(wanted, [token], undefined, now)).toEqual([]);
  });

  test('that may more, or less', () => {
    expect(evaluate({ ...token, policies: [policy([...asked, 'Zone Settings Write'])] })).toEqual([
      { ...scopes, found: 'Zone Settings Write on zone example.org', why: 'goes beyond what the program asked for' },
    ]);
    expect(evaluate({ ...token, policies: [policy(['Zone Read'])] })).toEqual([
      { ...scopes, wanted: 'DNS Write on zone example.org' },
    ]);
    const other = 'com.cloudflare.api.account.zone.*';
    expect(evaluate({ ...token, policies: [policy(asked), policy(['DNS Write'], other)] })).toEqual([
      { ...scopes, found: `DNS Write on ${other}`, why: 'goes beyond what the program asked for' },
    ]);
    const account = { ...policy(['DNS Write']), resources: { 'com.cloudflare.api.account.a1': { [other]: '*' } } };
    expect(evaluate({ ...token, policies: [policy(asked), account] }).map(({ found }) => found)).toEqual([
      `DNS Write on ${other} of com.cloudflare.api.account.a1`,
    ]);
    expect(
      evaluate({ ...token, policies: [policy(asked), { ...policy(['DNS Write']), effect: 'deny' }] }),
    ).toMatchObject([{ found: 'deny DNS Write on zone example.org' }]);
  });

  test('that is missing, disabled, restricted, or near its end', () => {
    expect(evaluate()).toEqual([
      { ...base, id: 'token', why: 'does not exist in Cloudflare', todo: `have it issued again: ${up}` },
    ]);
    expect(evaluate({ ...token, status: 'disabled' })).toEqual([
      { ...base, id: 'token', field: 'status', wanted: 'active', found: 'disabled', todo: again },
    ]);
    expect(evaluate({ ...token, condition: { request_ip: { in: ['192.0.2.0/24'] } } })).toEqual([
      { ...scopes, field: 'condition.request_ip', why: 'works from certain addresses only' },
    ]);
    expect(evaluate({ ...token, status: 'expired', expires_on: '2026-11-01T00:00:00Z' })).toEqual([
      { ...base, id: 'secret-expiry', why: 'it expired at 2026-11-01T00:00:00.000Z', todo: again },
    ]);
    expect(evaluate({ ...token, expires_on: '2027-11-01T00:00:00Z' })).toEqual([]);
  });

  test('next to another of its name, which the state does not know', () => {
    expect(evaluate(token, { ...token, id: 't2', issued_on: 'later' })).toEqual([
      {
        ...{ id: 'token-unknown', layer: 'edge', owner: 'people', object: 'token site east dns', field: 't2' },
        ...{ why: 'another token has this name, and the state does not know it', since: 'later' },
        todo: 'revoke it in the dashboard, unless it is in use',
      },
    ]);
  });
});
