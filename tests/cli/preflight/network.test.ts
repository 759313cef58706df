import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defineCluster } from '../../../cluster/define';
import { describeDial, dialled } from '../../../cli/preflight/dialOverride';
import { checkBind, checkNames, checkObjectStore } from '../../../cli/preflight/network/checkNetwork';
import { askDns } from '../../../cli/preflight/network/dnsQuery';
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

describe('detours', () => {
  const detours = { '10.25.11.1:53': '127.0.0.1:20053', '10.25.11.3:9000': 'bastion.example.org:9000' };

  test('are taken for their host and port alone', () => {
    expect(dialled('10.25.11.1', 53, detours)).toEqual({ host: '127.0.0.1', port: 20053 });
    expect(dialled('10.25.11.1', 54, detours)).toEqual({ host: '10.25.11.1', port: 54 });
    expect(describeDial('10.25.11.3', 9000, detours)).toBe('10.25.11.3:9000 (by bastion.example.org:9000)');
    expect(describeDial('fd00::1', 53, detours)).toBe('[fd00::1]:53');
  });
});

describe('the name of the Kubernetes API', () => {
  const judge = (asked: Parameters<typeof evaluateApiName>[2]) => {
    const { state, why, fix } = evaluateApiName(definition, '10.25.11.1', asked);
    return [state, why, fix];
  };
  const fix = `give east-k8s.example.org one A record for each of ${wanted.join(', ')}`;

  test('is that of the control planes, in whatever order', () => {
    expect(judge(addresses(...[...wanted].reverse()))).toEqual(['ok', wanted.join(', '), '']);
  });

  test('lacks one, has another, has none', () => {
    expect(judge(addresses('10.25.11.11', '10.25.11.12'))).toEqual(['failed', 'lacks 10.25.11.13', fix]);
    expect(judge(addresses(...wanted.slice(1), '10.25.11.20'))).toEqual([
      'failed',
      'lacks 10.25.11.11 and has 10.25.11.20, which is no control plane',
      fix,
    ]);
    expect(judge({ ...addresses(), code: 'NXDOMAIN' })).toEqual(['failed', 'has no address there (NXDOMAIN)', fix]);
  });

  test("no answer is the name server's fault", () => {
    expect(judge({ silent: 'no answer by UDP from 10.25.11.1:53' })).toEqual([
      'failed',
      'no answer by UDP from 10.25.11.1:53',
      "start the name server 10.25.11.1, or correct network.nameservers in the stack's configuration",
    ]);
  });
});

test('the name of Connect may have any address', () => {
  const judge = (asked: Parameters<typeof evaluateConnectName>[2]) =>
    evaluateConnectName('connect.example.org', '10.25.11.1', asked);
  expect(judge(addresses('192.0.2.1'))).toEqual({
    id: 'dns:10.25.11.1:connect.example.org',
    what: 'name connect.example.org at 10.25.11.1',
    state: 'ok',
    why: '192.0.2.1',
    fix: '',
  });
  expect(judge(addresses())).toMatchObject({
    state: 'failed',
    why: 'has no address there (NOERROR)',
    fix: 'give connect.example.org an address, or correct ONEPASSWORD_CONNECT_HOST',
  });
});

describe('BIND', () => {
  const soa = { mname: 'ns.lan.example.org', rname: 'admin.example.org' };
  const answer = {
    code: 'NOERROR',
    authoritative: true,
    answers: [{ type: 'SOA' as const, name: 'LAN.example.org', data: soa }],
  };
  const judge = (...[udp, tcp]: [Parameters<typeof evaluateBind>[2], Parameters<typeof evaluateBind>[3]]) => {
    const { state, why, fix } = evaluateBind('lan.example.org', '10.25.11.2:53', udp, tcp);
    return [state, why, fix];
  };
  const fix =
    'make it the primary server of the zone lan.example.org (docs/bind.md), or correct BIND_HOST or PRIVATE_DOMAIN';

  test('answers for its zone', () => {
    expect(judge(answer, answer)).toEqual(['ok', 'authoritative at 10.25.11.2:53', '']);
  });

  test('does not have the zone, or from somebody else', () => {
    expect(judge({ ...answer, code: 'REFUSED', answers: [] }, answer)).toEqual([
      'failed',
      '10.25.11.2:53 knows no zone lan.example.org (REFUSED)',
      fix,
    ]);
    expect(judge({ ...answer, authoritative: false }, answer)).toEqual([
      'failed',
      '10.25.11.2:53 has lan.example.org from another server only',
      fix,
    ]);
  });

  test('is silent on one side', () => {
    expect(judge(answer, { silent: 'no answer by TCP from 10.25.11.2:53: ECONNREFUSED' })).toEqual([
      'failed',
      'no answer by TCP from 10.25.11.2:53: ECONNREFUSED',
      'start BIND, open port 53 by UDP and TCP, or correct BIND_HOST',
    ]);
  });
});

describe('asked over the network', () => {
  let server: FakeNameServer | undefined;
  afterEach(() => server?.stop());

  test("the answer, whether it is the server's own, and its code", async () => {
    server = await FakeNameServer.start({ 'A east-k8s.example.org': wanted }, { authoritative: true });
    const found = await askDns(server, { name: 'east-k8s.example.org', type: 'A' }, signal);
    expect(found).toMatchObject({ code: 'NOERROR', authoritative: true });
    expect(found.answers.map((answer) => (answer as { data: unknown }).data)).toEqual(wanted);
    expect(await askDns(server, { name: 'nobody.example.org', type: 'A' }, signal)).toMatchObject({ code: 'NXDOMAIN' });
  });

  test('what does not fit is asked again by TCP', async () => {
    server = await FakeNameServer.start({ 'A east-k8s.example.org': wanted }, { truncated: true });
    const found = await askDns(server, { name: 'east-k8s.example.org', type: 'A' }, signal);
    expect([found.answers.length, server.asked]).toEqual([3, ['udp', 'tcp']]);
  });

  test('a closed port is told, by both transports', async () => {
    server = await FakeNameServer.start({}, {});
    const { host, port } = server;
    await server.stop();
    server = undefined;
    const ask = (transport: 'udp' | 'tcp') =>
      askDns({ host, port }, { name: 'a.example.org', type: 'A' }, signal, transport);
    await expect(ask('udp')).rejects.toThrow(`no answer by UDP from ${host}:${port}`);
    await expect(ask('tcp')).rejects.toThrow(`no answer by TCP from ${host}:${port}: ECONNREFUSED`);
  });

  test('the checks go where the detours lead', async () => {
    server = await FakeNameServer.start(
      { 'A east-k8s.example.org': wanted, 'A connect.example.org': ['192.0.2.1'], 'SOA lan.example.org': [] },
      { authoritative: true },
    );
    const place = `${server.host}:${server.port}`;
    const detours = { '10.25.11.1:53': place, '9.9.9.9:53': place, '10.25.11.2:53': place };
    const names = await checkNames({ ...definition, detours }, signal);
    expect(names.map(({ id, state }) => [id, state])).toEqual([
      ['dns:10.25.11.1:east-k8s.example.org', 'ok'],
      ['dns:10.25.11.1:connect.example.org', 'ok'],
      ['dns:9.9.9.9:east-k8s.example.org', 'ok'],
      ['dns:9.9.9.9:connect.example.org', 'ok'],
    ]);
    const bind = await checkBind({ detours }, { BIND_HOST: '10.25.11.2', PRIVATE_DOMAIN: 'lan.example.org' }, signal);
    expect(bind).toMatchObject({ state: 'ok', why: `authoritative at 10.25.11.2:53 (by ${place})` });
    expect(await checkBind({ detours }, {}, signal)).toMatchObject({
      state: 'skipped',
      why: 'the cluster settings have no BIND_HOST or no PRIVATE_DOMAIN',
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
  const ask = (place: string) => checkObjectStore({ detours: { '10.25.11.3:9000': place } }, settings, signal);
  const fix = 'start MinIO, or correct VOLSYNC_S3_HOST and VOLSYNC_S3_PORT';

  test('lives', async () => {
    const line = { id: 'object-store', what: 'MinIO at 10.25.11.3:9000', state: 'ok', why: 'lives', fix: '' };
    expect(await ask(await start(200))).toEqual(line);
  });

  test('does not', async () => {
    const place = await start(503);
    const shown = `10.25.11.3:9000 (by ${place})`;
    expect(await ask(place)).toMatchObject({ state: 'failed', why: `${shown} answers 503 where MinIO says 200`, fix });
    await new Promise((resolve) => store?.close(resolve));
    const why = `${shown} does not answer: connect ECONNREFUSED ${place}`;
    expect(await ask(place)).toMatchObject({ state: 'failed', why, fix });
  });

  test('is not named', async () => {
    expect(await checkObjectStore({ detours: {} }, {}, signal)).toMatchObject({ state: 'skipped' });
  });
});
