import { createSocket, type Socket } from 'node:dgram';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { type DecodedPacket, decode, encode, streamDecode, streamEncode } from 'dns-packet';
import { answerQuery, type NameServerRecords } from './answer';
import { runServer, type RunningServer } from '../runServer';

/** Configuration of a name server of the lab. */
export interface NameServerConfig extends NameServerRecords {
  /** Port on 127.0.0.1, for UDP and TCP; 0 picks a free one. */
  port: number;
}

/**
 * Starts a stand-in for a name server. Over UDP and TCP it resolves the configured names and answers authoritatively
 * for the configured zones. Not implemented: recursion to other servers, zone transfers, dynamic updates, TSIG keys.
 */
export async function startNameServer({ port, ...records }: NameServerConfig): Promise<RunningServer> {
  const tcp = createServer((connection) => {
    let received = Buffer.alloc(0);
    connection.on('error', () => connection.destroy());
    connection.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        const query = decodeQuery(() => streamDecode(received.subarray(0, end)) as DecodedPacket);
        received = received.subarray(end);
        if (query === undefined) connection.destroy();
        else connection.write(streamEncode(answerQuery(records, query)));
      }
    });
  });
  const udp = createSocket('udp4');
  udp.on('message', (message, from) => {
    const query = decodeQuery(() => decode(message));
    if (query !== undefined) udp.send(encode(answerQuery(records, query)), from.port, from.address);
  });
  const tcpPort = await listenTcp(tcp, port);
  await bindUdp(udp, tcpPort).catch((error: unknown) => {
    tcp.close();
    throw error;
  });
  return {
    port: tcpPort,
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

/**
 * The decoded query; undefined for other data and for responses, so that two servers cannot answer each other forever.
 */
function decodeQuery(decodePacket: () => DecodedPacket): DecodedPacket | undefined {
  try {
    const packet = decodePacket();
    return packet.type === 'query' ? packet : undefined;
  } catch {
    return undefined;
  }
}

if (require.main === module) runServer('lab name server stand-in', startNameServer);
