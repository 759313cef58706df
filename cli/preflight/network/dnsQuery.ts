import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import {
  type Answer,
  type DecodedPacket,
  decode,
  encode,
  RECURSION_DESIRED,
  streamDecode,
  streamEncode,
} from 'dns-packet';
import { type Endpoint, hostPort } from '../dialOverride';

/** What is asked of a name server. */
export interface DnsQuestion {
  name: string;
  type: 'A' | 'AAAA' | 'SOA';
}

/** What a name server answered. */
export interface DnsAnswer {
  /** `NOERROR`, `NXDOMAIN`, `REFUSED`, … */
  code: string;
  /** Whether it answers for itself, not from what it has heard. */
  authoritative: boolean;
  answers: Answer[];
}

const tries = 2;
const answerMilliseconds = 2_000;

/**
 * Asks one name server one question, and no other server; by UDP (and by TCP what does not fit) unless told otherwise.
 * @throws when there is no answer, saying where it was asked and how
 */
export async function askDns(
  server: Endpoint,
  question: DnsQuestion,
  signal: AbortSignal,
  transport: 'udp' | 'tcp' = 'udp',
): Promise<DnsAnswer> {
  const query = {
    type: 'query' as const,
    id: randomInt(65_536),
    flags: RECURSION_DESIRED,
    questions: [{ ...question, class: 'IN' as const }],
  };
  let packet: DecodedPacket | undefined;
  for (let left = tries; left > 0 && packet === undefined && transport === 'udp'; left--) {
    signal.throwIfAborted();
    packet = await byUdp(server, query.id, encode(query));
  }
  if (transport === 'udp' && packet === undefined) throw new Error(`no answer by UDP from ${hostPort(server)}`);
  if (packet === undefined || packet.flag_tc) packet = await byTcp(server, streamEncode(query));
  // The types leave out what the library decodes.
  const { rcode } = packet as DecodedPacket & { rcode: string };
  return { code: rcode, authoritative: packet.flag_aa, answers: packet.answers ?? [] };
}

/** The answer, or nothing when none comes in time or the port is closed. */
function byUdp({ host, port }: Endpoint, id: number, query: Buffer): Promise<DecodedPacket | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    const settle = (packet?: DecodedPacket): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.close();
      resolve(packet);
    };
    const timer = setTimeout(settle, answerMilliseconds);
    socket.on('error', () => settle());
    socket.on('message', (message) => {
      const packet = decoded(() => decode(message));
      if (packet?.id === id) settle(packet);
    });
    // Connected, a closed port is an error at once, and what others send does not arrive.
    socket.connect(port, host, () => socket.send(query));
  });
}

function byTcp(server: Endpoint, query: Buffer): Promise<DecodedPacket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...server, timeout: answerMilliseconds }, () => socket.write(query));
    let received = Buffer.alloc(0);
    const fail = (why: string): void => {
      socket.destroy();
      reject(new Error(`no answer by TCP from ${hostPort(server)}: ${why}`));
    };
    socket.on('timeout', () => fail('none in time'));
    socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    socket.on('end', () => fail('the connection was closed'));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const packet = decoded(() => streamDecode(received) as DecodedPacket);
      if (packet === undefined) return fail('what came is no DNS');
      socket.destroy();
      resolve(packet);
    });
  });
}

function decoded(decode: () => DecodedPacket): DecodedPacket | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}
