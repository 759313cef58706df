import { createSocket, type Socket } from 'node:dgram';
import { createServer, type AddressInfo, type Server } from 'node:net';
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type Packet,
  streamDecode,
  streamEncode,
  TRUNCATED_RESPONSE,
} from 'dns-packet';

/** A name server on loopback for tests, with its records by `<type> <name>`. */
export class FakeNameServer {
  readonly host = '127.0.0.1';
  /** The transports of the queries it received, in order. */
  readonly queries: string[] = [];

  private constructor(
    private readonly udp: Socket,
    private readonly tcp: Server,
    readonly port: number,
  ) {}

  static async start(
    records: Record<string, string[]>,
    { authoritative = false, truncated = false }: { authoritative?: boolean; truncated?: boolean },
  ): Promise<FakeNameServer> {
    const answer = (query: Packet): Packet => {
      const [question] = query.questions ?? [];
      const data = records[`${question?.type} ${question?.name}`];
      const flags = (authoritative ? AUTHORITATIVE_ANSWER : 0) | (data === undefined ? 3 : 0);
      const name = question?.name ?? '';
      const soa: Answer = { type: 'SOA', name, data: { mname: `ns.${name}`, rname: `admin.${name}` } };
      const answers =
        question?.type === 'SOA' ? [soa] : (data ?? []).map((address): Answer => ({ type: 'A', name, data: address }));
      return { type: 'response', id: query.id, flags, questions: query.questions, answers: data && answers };
    };
    const tcp = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('data', (message) => {
        self.queries.push('tcp');
        socket.end(streamEncode(answer(streamDecode(message))));
      });
    });
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    const { port } = tcp.address() as AddressInfo;
    const udp = createSocket('udp4');
    udp.on('message', (message, { port: from, address }) => {
      self.queries.push('udp');
      const reply = answer(decode(message));
      const short = truncated ? { ...reply, answers: [], flags: (reply.flags ?? 0) | TRUNCATED_RESPONSE } : reply;
      udp.send(encode(short), from, address);
    });
    await new Promise<void>((resolve, reject) => udp.once('error', reject).bind(port, '127.0.0.1', resolve));
    const self = new FakeNameServer(udp, tcp, port);
    return self;
  }

  async stop(): Promise<void> {
    await Promise.all([
      new Promise<void>((resolve) => this.udp.close(resolve)),
      new Promise((resolve) => this.tcp.close(resolve)),
    ]);
  }
}
