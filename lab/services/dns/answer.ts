import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  type Packet,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
} from 'dns-packet';

/** The records that a name server of the lab serves. */
export interface NameServerRecords {
  /** IPv4 addresses by name, returned without authority, as a resolver does. */
  addresses: Record<string, string[]>;
  /** Zones it is authoritative for. They contain only their SOA and NS records. */
  zones: string[];
}

const rcodes = { noError: 0, nxDomain: 3, notImplemented: 4, refused: 5 } as const;
const ttl = 60;

/**
 * The response to one query. A server without zones acts as a resolver and returns NXDOMAIN for unknown names; a server
 * with zones refuses names outside them, like BIND without recursion.
 */
export function answerQuery({ addresses, zones }: NameServerRecords, query: DecodedPacket): Packet {
  const question = query.questions?.[0];
  const recursionDesired = (query.flags ?? 0) & RECURSION_DESIRED;
  const answer = (rcode: number, flags: number, sections: Partial<Packet> = {}): Packet => ({
    type: 'response',
    id: query.id,
    flags: rcode | flags | recursionDesired,
    questions: query.questions,
    ...sections,
  });
  // dns-packet decodes the opcode, but its types do not declare it.
  const { opcode } = query as DecodedPacket & { opcode: string };
  if (opcode !== 'QUERY' || question === undefined) return answer(rcodes.notImplemented, 0);

  const name = normalize(question.name);
  const zone = zones.map(normalize).find((candidate) => name === candidate || name.endsWith(`.${candidate}`));
  if (zone !== undefined) {
    const soa = soaOf(zone);
    if (name !== zone) return answer(rcodes.nxDomain, AUTHORITATIVE_ANSWER, { authorities: [soa] });
    if (question.type === 'SOA') return answer(rcodes.noError, AUTHORITATIVE_ANSWER, { answers: [soa] });
    if (question.type === 'NS') return answer(rcodes.noError, AUTHORITATIVE_ANSWER, { answers: [nsOf(zone)] });
    return answer(rcodes.noError, AUTHORITATIVE_ANSWER, { authorities: [soa] });
  }
  if (zones.length > 0) return answer(rcodes.refused, 0);

  const found = Object.entries(addresses).find(([known]) => normalize(known) === name)?.[1];
  if (found === undefined) return answer(rcodes.nxDomain, RECURSION_AVAILABLE);
  const answers =
    question.type === 'A' ? found.map((data): Answer => ({ type: 'A', name: question.name, ttl, data })) : [];
  return answer(rcodes.noError, RECURSION_AVAILABLE, { answers });
}

function soaOf(zone: string): Answer {
  const data = { mname: `ns.${zone}`, rname: `lab-stand-in.${zone}`, serial: 1, refresh: 3600, retry: 600 };
  return { type: 'SOA', name: zone, ttl, data: { ...data, expire: 86_400, minimum: ttl } };
}

function nsOf(zone: string): Answer {
  return { type: 'NS', name: zone, ttl, data: `ns.${zone}` };
}

function normalize(name: string): string {
  return name.replace(/\.$/, '').toLowerCase();
}
