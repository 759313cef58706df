import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  type Packet,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
} from 'dns-packet';

/** What a name server of the lab knows. */
export interface Knowledge {
  /** IPv4 addresses by name, as a resolver hands them on: without authority. */
  addresses: Record<string, string[]>;
  /** Zones that it is the primary server of; nothing is in them but their own SOA and NS records. */
  zones: string[];
}

const codes = { done: 0, noSuchName: 3, notImplemented: 4, refused: 5 } as const;
const ttl = 60;

/**
 * The answer to one query. A resolver says of a name that it was not given that there is none; a server with zones refuses
 * names outside them, as BIND does without recursion.
 */
export function answerQuery({ addresses, zones }: Knowledge, query: DecodedPacket): Packet {
  const asked = query.questions?.[0];
  const wanted = (query.flags ?? 0) & RECURSION_DESIRED;
  const answer = (code: number, flags: number, sections: Partial<Packet> = {}): Packet => ({
    type: 'response',
    id: query.id,
    flags: code | flags | wanted,
    questions: query.questions,
    ...sections,
  });
  // The types leave out what the library decodes.
  const { opcode } = query as DecodedPacket & { opcode: string };
  if (opcode !== 'QUERY' || asked === undefined) return answer(codes.notImplemented, 0);

  const name = plain(asked.name);
  const zone = zones.map(plain).find((candidate) => name === candidate || name.endsWith(`.${candidate}`));
  if (zone !== undefined) {
    const soa = soaOf(zone);
    if (name !== zone) return answer(codes.noSuchName, AUTHORITATIVE_ANSWER, { authorities: [soa] });
    if (asked.type === 'SOA') return answer(codes.done, AUTHORITATIVE_ANSWER, { answers: [soa] });
    if (asked.type === 'NS') return answer(codes.done, AUTHORITATIVE_ANSWER, { answers: [nsOf(zone)] });
    return answer(codes.done, AUTHORITATIVE_ANSWER, { authorities: [soa] });
  }
  if (zones.length > 0) return answer(codes.refused, 0);

  const found = Object.entries(addresses).find(([known]) => plain(known) === name)?.[1];
  if (found === undefined) return answer(codes.noSuchName, RECURSION_AVAILABLE);
  const answers = asked.type === 'A' ? found.map((data): Answer => ({ type: 'A', name: asked.name, ttl, data })) : [];
  return answer(codes.done, RECURSION_AVAILABLE, { answers });
}

function soaOf(zone: string): Answer {
  const data = { mname: `ns.${zone}`, rname: `lab-stand-in.${zone}`, serial: 1, refresh: 3600, retry: 600 };
  return { type: 'SOA', name: zone, ttl, data: { ...data, expire: 86_400, minimum: ttl } };
}

function nsOf(zone: string): Answer {
  return { type: 'NS', name: zone, ttl, data: `ns.${zone}` };
}

function plain(name: string): string {
  return name.replace(/\.$/, '').toLowerCase();
}
