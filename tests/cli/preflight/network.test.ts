import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defineCluster } from '../../../cluster/defineCluster';
import { checkBind, checkNames, checkObjectStore } from '../../../cli/preflight/network/checkNetwork';
import { queryDns } from '../../../cli/preflight/network/dnsQuery';
import { evaluateApiName, evaluateBind, evaluateConnectName } from '../../../cli/preflight/network/evaluateDns';
import { baseInput } from '../../cluster/fixtures';
import { FakeNameServer } from './fakeNameServer';

const definition = defineCluster(baseInput());
const { signal } = new AbortController();
const wanted = ['10.25.11.11', '10.25.11.12', '10.25.11.13'];
const addresses = (...data: string[]) => ({
  code: 'NOERROR',
  authoritative: false,
  answers: data.map((one) => ({ type: 'A' as const, name: 'east-k8s.example.org', data: one })),
});

describe('the DNS name of the Kubernetes API', () => {
  const evaluate = (result: Parameters<typeof evaluateApiName>[2]) => {
    const { state, why, fix } = evaluateApiName(definition, '10.25.11.1', result);
    return [state, why, fix];
  };
  const fix = `create one address record of east-k8s.example.org for each of ${wanted.join(', ')}`;

  test('resolves to the control planes, in any order', () => {
    expect(evaluate(addresses(...[...wanted].reverse()))).toEqual(['ok', wanted.join(', '), '']);
  });

  test('lacks an address, has an unexpected one, or has none', () => {
    expect(evaluate(addresses('10.25.11.11', '10.25.11.12'))).toEqual(['failed', 'lacks 10.25.11.13', fix]);
    expect(evaluate(addresses(...wanted.slice(1), '10.25.11.20'))).toEqual([
      'failed',
      'lacks 10.25.11.11 and has 10.25.11.20, which is not a control plane',
      fix,
    ]);
    expect(evaluate({ ...addresses(), code: 'NXDOMAIN' })).toEqual(['failed', 'has no address (NXDOMAIN)', fix]);
  });

  test('is checked on a name server that does not respond', () => {
    expect(evaluate({ noResponse: 'no response over UDP from 10.25.11.1:53' })).toEqual([
      'failed',
      'no response over UDP from 10.25.11.1:53',
      'start the name server 10.25.11.1, or correct network.nameservers in the stack configuration',
    ]);
  });
});

test('the DNS name of Connect may have any address', () => {
  const evaluate = (result: Parameters<typeof evaluateConnectName>[2]) =>
    evaluateConnectName('connect.example.org', '10.25.11.1', result);
  expect(evaluate(addresses('192.0.2.1'))).toEqual({
    id: 'dns:10.25.11.1:connect.example.org',
    what: 'DNS name connect.example.org on 10.25.11.1',
    state: 'ok',
    why: '192.0.2.1',
    fix: '',
  });
  expect(evaluate(addresses())).toMatchObject({
    state: 'failed',
    why: 'has no address (NOERROR)',
    fix: 'create an address record of connect.example.org, or correct ONEPASSWORD_CONNECT_HOST',
  });
});

describe('BIND', () => {
  const soa = { mname: 'ns.lan.example.org', rname: 'admin.example.org' };
  const answer = {
    code: 'NOERROR',
    authoritative: true,
    answers: [{ type: 'SOA' as const, name: 'LAN.example.org', data: soa }],
  };
  const evaluate = (...[udp, tcp]: [Parameters<typeof evaluateBind>[2], Parameters<typeof evaluateBind>[3]]) => {
    const { state, why, fix } = evaluateBind('lan.example.org', '10.25.11.2:53', udp, tcp);
    return [state, why, fix];
  };
  const fix =
    'make it the primary server of zone lan.example.org (docs/bind.md), or correct BIND_HOST or PRIVATE_DOMAIN';

  test('is authoritative for its zone', () => {
    expect(evaluate(answer, answer)).toEqual(['ok', 'authoritative at 10.25.11.2:53', '']);
  });

  test('does not serve the zone, or is not authoritative for it', () => {
    expect(evaluate({ ...answer, code: 'REFUSED', answers: [] }, answer)).toEqual([
      'failed',
      '10.25.11.2:53 does not serve zone lan.example.org (REFUSED)',
      fix,
    ]);
    expect(evaluate({ ...answer, authoritative: false }, answer)).toEqual([
      'failed',
      '10.25.11.2:53 is not authoritative for lan.example.org',
      fix,
    ]);
  });

  test('does not respond over one transport', () => {
    expect(evaluate(answer, { noResponse: 'no response over TCP from 10.25.11.2:53: ECONNREFUSED' })).toEqual([
      'failed',
      'no response over TCP from 10.25.11.2:53: ECONNREFUSED',
      'start BIND, open port 53 for UDP and TCP, or correct BIND_HOST',
    ]);
  });
});

describe('queryDns', () => {
  let server: FakeNameServer | undefined;
  afterEach(() => server?.stop());

  test('returns the answers, whether they are authoritative, and the code', async () => {
    server = await FakeNameServer.start({ 'A east-k8s.example.org': wanted }, { authoritative: true });
    const found = await queryDns(server, { name: 'east-k8s.example.org', type: 'A' }, signal);
    expect(found).toMatchObject({ code: 'NOERROR', authoritative: true });
    expect(found.answers.map((answer) => (answer as { data: unknown }).data)).toEqual(wanted);
    expect(await queryDns(server, { name: 'none.example.org', type: 'A' }, signal)).toMatchObject({ code: 'NXDOMAIN' });
  });

  test('repeats a query over TCP if the response is truncated', async () => {
    server = await FakeNameServer.start({ 'A east-k8s.example.org': wanted }, { truncated: true });
    const found = await queryDns(server, { name: 'east-k8s.example.org', type: 'A' }, signal);
    expect([found.answers.length, server.queries]).toEqual([3, ['udp', 'tcp']]);
  });

  test('reports a closed port over both transports', async () => {
    server = await FakeNameServer.start({}, {});
    const { host, port } = server;
    await server.stop();
    server = undefined;
    const query = (transport: 'udp' | 'tcp') =>
      queryDns({ host, port }, { name: 'a.example.org', type: 'A' }, signal, transport);
    await expect(query('udp')).rejects.toThrow(`no response over UDP from ${host}:${port}`);
    await expect(query('tcp')).rejects.toThrow(`no response over TCP from ${host}:${port}: ECONNREFUSED`);
  });

  test('the checks dial what dialOverrides name', async () => {
    server = await FakeNameServer.start(
      { 'A east-k8s.example.org': wanted, 'A connect.example.org': ['192.0.2.1'], 'SOA lan.example.org': [] },
      { authoritative: true },
    );
    const place = `${server.host}:${server.port}`;
    const dialOverrides = { '10.25.11.1:53': place, '9.9.9.9:53': place, '10.25.11.2:53': place };
    const names = await checkNames({ ...definition, dialOverrides }, signal);
    expect(names.map(({ id, state }) => [id, state])).toEqual([
      ['dns:10.25.11.1:east-k8s.example.org', 'ok'],
      ['dns:10.25.11.1:connect.example.org', 'ok'],
      ['dns:9.9.9.9:east-k8s.example.org', 'ok'],
      ['dns:9.9.9.9:connect.example.org', 'ok'],
    ]);
    const bind = await checkBind(
      { dialOverrides },
      { BIND_HOST: '10.25.11.2', PRIVATE_DOMAIN: 'lan.example.org' },
      signal,
    );
    expect(bind).toMatchObject({ state: 'ok', why: `authoritative at 10.25.11.2:53 (dialled at ${place})` });
    expect(await checkBind({ dialOverrides }, {}, signal)).toMatchObject({
      state: 'skipped',
      why: 'BIND_HOST or PRIVATE_DOMAIN is not set in the cluster settings',
    });
  });
});

describe('the object store', () => {
  const settings = { VOLSYNC_S3_HOST: '10.25.11.3', VOLSYNC_S3_PORT: '9000' };
  let store: Server | undefined;
  afterEach(() => store?.close());
  const start = async (status: number): Promise<string> => {
    store = createServer(({ url }, response) => response.writeHead(url === '/minio/health/live' ? status : 404).end());
    await new Promise<void>((resolve) => store?.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(store.address() as AddressInfo).port}`;
  };
  const check = (address: string) =>
    checkObjectStore({ dialOverrides: { '10.25.11.3:9000': address } }, settings, signal);
  const fix = 'start MinIO, or correct VOLSYNC_S3_HOST and VOLSYNC_S3_PORT';

  test('is healthy', async () => {
    const result = { id: 'object-store', what: 'MinIO at 10.25.11.3:9000', state: 'ok', why: 'healthy', fix: '' };
    expect(await check(await start(200))).toEqual(result);
  });

  test('is unhealthy or does not respond', async () => {
    const address = await start(503);
    const shown = `10.25.11.3:9000 (dialled at ${address})`;
    expect(await check(address)).toMatchObject({ state: 'failed', why: `${shown} returned 503, expected 200`, fix });
    await new Promise((resolve) => store?.close(resolve));
    const why = `${shown} does not respond: connect ECONNREFUSED ${address}`;
    expect(await check(address)).toMatchObject({ state: 'failed', why, fix });
  });

  test('is skipped if it is not configured', async () => {
    expect(await checkObjectStore({ dialOverrides: {} }, {}, signal)).toMatchObject({ state: 'skipped' });
  });
});
