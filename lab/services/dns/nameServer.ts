import { createSocket, type Socket } from 'node:dgram';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { type DecodedPacket, decode, encode, streamDecode, streamEncode } from 'dns-packet';
import { answerQuery, type Knowledge } from './answer';
import { runServer, type RunningServer } from '../runServer';

/** Configuration of a name server of the lab: where it listens and what it knows. */
export interface NameServerConfig extends Knowledge {
  /** Port on 127.0.0.1, for UDP and TCP; 0 takes a free one. */
  port: number;
}

/**
 * Starts a stand-in for a name server: by UDP and TCP it answers for names that it was given, and with authority for
 * zones. Not built: recursion to other servers, zone transfers, dynamic updates, keys.
 */
export async function startNameServer({ port, ...knowledge }: NameServerConfig): Promise<RunningServer> {
  const tcp = createServer((connection) => {
    let received = Buffer.alloc(0);
    connection.on('error', () => connection.destroy());
    connection.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        const query = read(() => streamDecode(received.subarray(0, end)) as DecodedPacket);
        received = received.subarray(end);
        if (query === undefined) connection.destroy();
        else connection.write(streamEncode(answerQuery(knowledge, query)));
      }
    });
  });
  const udp = createSocket('udp4');
  udp.on('message', (message, from) => {
    const query = read(() => decode(message));
    if (query !== undefined) udp.send(encode(answerQuery(knowledge, query)), from.port, from.address);
  });
  const given = await listenTcp(tcp, port);
  await bindUdp(udp, given).catch((error: unknown) => {
    tcp.close();
    throw error;
  });
  return {
    port: given,
    close: async () => {
      await new Promise<void>((resolve) => udp.close(() => resolve()));
      await new Promise<void>((resolve) => tcp.close(() => resolve()));
    },
  };
}

function listenTcp(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function bindUdp(socket: Socket, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, '127.0.0.1', () => resolve());
  });
}

/** A query; what is no DNS, or an answer, is none: two servers must not go on answering each other. */
function read(decoded: () => DecodedPacket): DecodedPacket | undefined {
  try {
    const packet = decoded();
    return packet.type === 'query' ? packet : undefined;
  } catch {
    return undefined;
  }
}

if (require.main === module) runServer('lab name server stand-in', startNameServer);
