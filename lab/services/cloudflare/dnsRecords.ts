import { isIPv4, isIPv6 } from 'node:net';
import { byId, textOf, type Route, type ZoneCall } from './call';
import { newId } from './store';
import { refusal, type StoredRecord } from './types';

const read = { what: 'DNS', write: false };
const write = { what: 'DNS', write: true };
const collection = '/zones/:zone/dns_records';

/** DNS records of the kinds that the platform writes. */
export const dnsRecordRoutes: readonly Route[] = [
  { method: 'GET', path: collection, below: 'zone', need: read, handle: list },
  { method: 'POST', path: collection, below: 'zone', need: write, handle: create },
  { method: 'GET', path: `${collection}/:id`, below: 'zone', need: read, handle: (call) => show(find(call)) },
  { method: 'PUT', path: `${collection}/:id`, below: 'zone', need: write, handle: (call) => change(call, call.body) },
  {
    method: 'PATCH',
    path: `${collection}/:id`,
    below: 'zone',
    need: write,
    handle: (call) => change(call, { ...find(call), ...call.body }),
  },
  { method: 'DELETE', path: `${collection}/:id`, below: 'zone', need: write, handle: remove },
];

function list({ zone, query }: ZoneCall): unknown[] {
  const wanted = (key: string, value: string): boolean => [null, value].includes(query.get(key));
  return zone.records
    .filter(({ name, type, content }) => wanted('name', name) && wanted('type', type) && wanted('content', content))
    .map(show);
}

function create(call: ZoneCall): unknown {
  const time = call.now.toISOString();
  const record = { ...readRecord(call), id: newId(), created_on: time, modified_on: time };
  refuseConflicts(call, record);
  call.zone.records.push(record);
  call.store.save();
  return show(record);
}

function change(call: ZoneCall, body: Record<string, unknown>): unknown {
  const record = find(call);
  const after = { ...record, ...readRecord({ ...call, body }), modified_on: call.now.toISOString() };
  refuseConflicts(call, after);
  Object.assign(record, after);
  call.store.save();
  return show(record);
}

function remove(call: ZoneCall): unknown {
  const record = find(call);
  call.zone.records.splice(call.zone.records.indexOf(record), 1);
  call.store.save();
  return { id: record.id };
}

function find(call: ZoneCall): StoredRecord {
  return byId(call.zone.records, call, refusal(404, 81044, 'Record does not exist.'));
}

const hostName = /^(?=.{1,253}$)(\*|[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
const proxiable = ['A', 'AAAA', 'CNAME'];
const quoted = (text: string): boolean => text.length > 0;

/** What a record's content may be, by its type. */
const contents: Readonly<Record<string, { test: (content: string) => boolean; code: number; message: string }>> = {
  A: { test: isIPv4, code: 9005, message: 'Content for A record must be a valid IPv4 address.' },
  AAAA: { test: isIPv6, code: 9006, message: 'Content for AAAA record must be a valid IPv6 address.' },
  CNAME: { test: (content) => hostName.test(content), code: 9007, message: 'Content for CNAME record is invalid.' },
  TXT: { test: quoted, code: 9009, message: 'Content for TXT record is invalid.' },
};

type Fields = Omit<StoredRecord, 'id' | 'created_on' | 'modified_on'>;

/** Reads a whole record. A name outside the zone is one below it: the API puts the zone's name behind it. */
function readRecord(call: ZoneCall): Fields {
  const { zone, body } = call;
  const given = (textOf(call, 'name') ?? '').toLowerCase();
  const below = given === zone.name || given.endsWith(`.${zone.name}`);
  const name = below ? given : given === '@' ? zone.name : `${given}.${zone.name}`;
  if (given === '' || !hostName.test(name)) throw refusal(400, 9000, 'DNS name is invalid.');

  const type = textOf(call, 'type') ?? '';
  const rule = Object.hasOwn(contents, type) ? contents[type] : undefined;
  if (rule === undefined)
    throw refusal(400, 1004, `DNS record type "${type}" is not in the lab's stand-in for Cloudflare`);
  const raw = textOf(call, 'content') ?? '';
  const content = type === 'CNAME' ? raw.toLowerCase().replace(/\.$/, '') : raw;
  if (!rule.test(content)) throw refusal(400, rule.code, rule.message);

  const { proxied = false, ttl = 1 } = body;
  if (typeof proxied !== 'boolean') throw refusal(400, 9003, "Invalid 'proxied' value, must be a boolean");
  if (proxied && !proxiable.includes(type)) throw refusal(400, 9004, 'This record type cannot be proxied.');
  if (typeof ttl !== 'number' || (ttl !== 1 && (ttl < 60 || ttl > 86_400))) {
    throw refusal(400, 9021, 'Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.');
  }
  if (Array.isArray(body.tags) && body.tags.length > 0) {
    throw refusal(400, 9301, `DNS record has ${body.tags.length} tags, exceeding the quota of 0.`);
  }
  const comment = textOf(call, 'comment') ?? null;
  if (comment !== null && comment.length > 100) throw refusal(400, 9313, 'DNS record comment exceeds 100 characters.');
  return { name, type, content, ttl: proxied ? 1 : ttl, proxied, comment };
}

/** A name has one CNAME or addresses, never both; nothing is there twice. */
function refuseConflicts({ zone }: ZoneCall, record: StoredRecord): void {
  const beside = zone.records.filter(({ id, name }) => id !== record.id && name === record.name);
  if (beside.some(({ type, content }) => type === record.type && content === record.content)) {
    throw refusal(400, 81058, 'An identical record already exists.');
  }
  if (record.type === 'CNAME' && beside.some(({ type }) => proxiable.includes(type))) {
    throw refusal(400, 81053, 'An A, AAAA, or CNAME record with that host already exists.');
  }
  if (['A', 'AAAA'].includes(record.type) && beside.some(({ type }) => type === 'CNAME')) {
    throw refusal(400, 81054, 'A CNAME record with that host already exists.');
  }
}

function show({ comment, ...record }: StoredRecord): unknown {
  return {
    ...record,
    proxiable: proxiable.includes(record.type),
    settings: {},
    meta: {},
    comment,
    tags: [],
    ...(comment === null ? {} : { comment_modified_on: record.modified_on }),
  };
}
