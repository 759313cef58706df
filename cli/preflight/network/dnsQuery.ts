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
import { formatHostPort, type HostPort } from '../../../cluster/dialOverrides';

/** A DNS question. */
export interface DnsQuestion {
  name: string;
  type: 'A' | 'AAAA' | 'SOA';
}

/** A response of a name server. */
export interface DnsResponse {
  /** `NOERROR`, `NXDOMAIN`, `REFUSED`, … */
  code: string;
  /** Whether the AA flag is set. */
  authoritative: boolean;
  answers: Answer[];
}

const attempts = 2;
const timeoutMilliseconds = 2_000;

/**
 * Sends one question to one name server: over UDP, and over TCP if the response is truncated or `transport` is `tcp`.
 * @throws Error with the address and the transport if there is no response
 */
export async function queryDns(
  server: HostPort,
  question: DnsQuestion,
  signal: AbortSignal,
  transport: 'udp' | 'tcp' = 'udp',
): Promise<DnsResponse> {
  const query = {
    type: 'query' as const,
    id: randomInt(65_536),
    flags: RECURSION_DESIRED,
    questions: [{ ...question, class: 'IN' as const }],
  };
  let packet: DecodedPacket | undefined;
  for (let left = attempts; left > 0 && packet === undefined && transport === 'udp'; left--) {
    signal.throwIfAborted();
    packet = await byUdp(server, query.id, encode(query));
  }
  if (transport === 'udp' && packet === undefined)
    throw new Error(`no response over UDP from ${formatHostPort(server)}`);
  if (packet === undefined || packet.flag_tc) packet = await byTcp(server, streamEncode(query));
  // The library decodes `rcode`, but its types lack it.
  const { rcode } = packet as DecodedPacket & { rcode: string };
  return { code: rcode, authoritative: packet.flag_aa, answers: packet.answers ?? [] };
}

/** The response; undefined on a timeout or if the port is closed. */
function byUdp({ host, port }: HostPort, id: number, query: Buffer): Promise<DecodedPacket | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    const settle = (packet?: DecodedPacket): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.close();
      resolve(packet);
    };
    const timer = setTimeout(settle, timeoutMilliseconds);
    socket.on('error', () => settle());
    socket.on('message', (message) => {
      const packet = decoded(() => decode(message));
      if (packet?.id === id) settle(packet);
    });
    // On a connected socket a closed port fails immediately, and packets from other addresses are dropped.
    socket.connect(port, host, () => socket.send(query));
  });
}

function byTcp(server: HostPort, query: Buffer): Promise<DecodedPacket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ ...server, timeout: timeoutMilliseconds }, () => socket.write(query));
    let received = Buffer.alloc(0);
    const fail = (why: string): void => {
      socket.destroy();
      reject(new Error(`no response over TCP from ${formatHostPort(server)}: ${why}`));
    };
    socket.on('timeout', () => fail('timed out'));
    socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    socket.on('end', () => fail('the connection was closed'));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      const packet = decoded(() => streamDecode(received) as DecodedPacket);
      if (packet === undefined) return fail('the response is not DNS');
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
