import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { decode, encode, RECURSION_DESIRED, streamDecode, streamEncode } from 'dns-packet';
import { startNameServer } from '../../lab/services/dns/nameServer';
import type { RunningServer } from '../../lab/services/runServer';

type Question = { name: string; type: 'A' | 'AAAA' | 'NS' | 'SOA' | 'TXT' };

let resolver: RunningServer;
let primary: RunningServer;

beforeAll(async () => {
  const addresses = { 'api.example.org': ['10.0.0.1', '10.0.0.2'] };
  resolver = await startNameServer({ port: 0, addresses, zones: [] });
  primary = await startNameServer({ port: 0, addresses: {}, zones: ['lan.example.org'] });
});
afterAll(() => Promise.all([resolver.close(), primary.close()]));

const query = (question: Question, flags = RECURSION_DESIRED) => ({
  type: 'query' as const,
  id: 7,
  flags,
  questions: [question],
});

function summary(packet: Buffer | undefined, decoded = packet && decode(packet)) {
  const { rcode, flag_aa, flag_ra, flag_rd, answers, authorities } = decoded as ReturnType<typeof decode> & {
    rcode: string;
  };
  const shown = (list = answers) =>
    list?.map(({ type, name, ...rest }) => [type, name, (rest as { data?: unknown }).data]);
  return { rcode, aa: flag_aa, ra: flag_ra, rd: flag_rd, answers: shown(), authorities: shown(authorities) };
}

/** The UDP response to a message; undefined if the server answers a later, ordinary query first. */
function byUdp(server: RunningServer, message: Buffer): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const last = encode({ ...query({ name: 'last.question', type: 'A' }), id: 9 });
    socket.on('error', reject);
    socket.on('message', (answer) => {
      socket.close();
      resolve(decode(answer).id === 9 ? undefined : answer);
    });
    socket.connect(server.port, '127.0.0.1', () => {
      socket.send(message);
      socket.send(last);
    });
  });
}

const ask = async (server: RunningServer, question: Question) => summary(await byUdp(server, encode(query(question))));

const soa = [
  'SOA',
  'lan.example.org',
  {
    mname: 'ns.lan.example.org',
    rname: 'lab-stand-in.lan.example.org',
    serial: 1,
    refresh: 3600,
    retry: 600,
    expire: 86_400,
    minimum: 60,
  },
];

test('a resolver returns the configured addresses without authority', async () => {
  const answers = ['10.0.0.1', '10.0.0.2'].map((address) => ['A', 'API.example.org', address]);
  const flags = { rcode: 'NOERROR', aa: false, ra: true, rd: true, authorities: [] };
  expect(await ask(resolver, { name: 'API.example.org', type: 'A' })).toEqual({ ...flags, answers });
  expect(await ask(resolver, { name: 'api.example.org', type: 'AAAA' })).toEqual({ ...flags, answers: [] });
  expect(await ask(resolver, { name: 'other.example.org', type: 'A' })).toEqual({
    ...flags,
    rcode: 'NXDOMAIN',
    answers: [],
  });
});

test('a primary server is authoritative for its zone and refuses other names', async () => {
  const flags = { rcode: 'NOERROR', aa: true, ra: false, rd: true };
  const zone = 'lan.example.org';
  expect(await ask(primary, { name: zone, type: 'SOA' })).toEqual({ ...flags, answers: [soa], authorities: [] });
  expect(await ask(primary, { name: zone, type: 'NS' })).toEqual({
    ...flags,
    answers: [['NS', zone, 'ns.lan.example.org']],
    authorities: [],
  });
  expect(await ask(primary, { name: zone, type: 'A' })).toEqual({ ...flags, answers: [], authorities: [soa] });
  expect(await ask(primary, { name: `x.${zone}`, type: 'A' })).toEqual({
    ...flags,
    rcode: 'NXDOMAIN',
    answers: [],
    authorities: [soa],
  });
  expect(await ask(primary, { name: 'xlan.example.org', type: 'SOA' })).toEqual({
    ...flags,
    rcode: 'REFUSED',
    aa: false,
    answers: [],
    authorities: [],
  });
});

test('answers several queries on one TCP connection, however they are split into segments', async () => {
  const first = streamEncode(query({ name: 'lan.example.org', type: 'SOA' }));
  const second = streamEncode({ ...query({ name: 'lan.example.org', type: 'NS' }), id: 8 });
  const both = Buffer.concat([first, second]);
  const answers = await new Promise<Buffer[]>((resolve, reject) => {
    const found: Buffer[] = [];
    let received = Buffer.alloc(0);
    const socket = connect(primary.port, '127.0.0.1', () => {
      socket.setNoDelay(true);
      socket.write(both.subarray(0, 5), () => socket.write(both.subarray(5)));
    });
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        found.push(received.subarray(0, 2 + received.readUInt16BE(0)));
        received = received.subarray(2 + received.readUInt16BE(0));
      }
      if (found.length < 2) return;
      socket.destroy();
      resolve(found);
    });
  });
  expect(answers.map((answer) => (streamDecode(answer) as ReturnType<typeof decode>).id)).toEqual([7, 8]);
});

test('rejects updates, and ignores data that is not a query', async () => {
  const update = encode({ ...query({ name: 'lan.example.org', type: 'SOA' }), flags: 5 << 11 });
  expect(summary(await byUdp(primary, update))).toMatchObject({ rcode: 'NOTIMP', answers: [] });
  expect(await byUdp(primary, Buffer.from('no DNS'))).toBeUndefined();
  const answer = encode({ ...query({ name: 'lan.example.org', type: 'SOA' }), type: 'response' as const });
  expect(await byUdp(primary, answer)).toBeUndefined();
});
