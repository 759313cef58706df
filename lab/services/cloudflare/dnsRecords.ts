import { isIPv4, isIPv6 } from 'node:net';
import { findById, stringField, type Route, type ZoneCall } from './call';
import { newId } from './store';
import { cloudflareError, type StoredRecord } from './types';

const read = { name: 'DNS', write: false };
const write = { name: 'DNS', write: true };
const collection = '/zones/:zone/dns_records';

/** DNS records of the types that the platform uses. */
export const dnsRecordRoutes: readonly Route[] = [
  { method: 'GET', path: collection, scope: 'zone', permission: read, handle: list },
  { method: 'POST', path: collection, scope: 'zone', permission: write, handle: create },
  { method: 'GET', path: `${collection}/:id`, scope: 'zone', permission: read, handle: (call) => show(find(call)) },
  {
    method: 'PUT',
    path: `${collection}/:id`,
    scope: 'zone',
    permission: write,
    handle: (call) => change(call, call.body),
  },
  {
    method: 'PATCH',
    path: `${collection}/:id`,
    scope: 'zone',
    permission: write,
    handle: (call) => change(call, { ...find(call), ...call.body }),
  },
  { method: 'DELETE', path: `${collection}/:id`, scope: 'zone', permission: write, handle: remove },
];

function list({ zone, query }: ZoneCall): unknown[] {
  const matches = (key: string, value: string): boolean => [null, value].includes(query.get(key));
  return zone.records
    .filter(({ name, type, content }) => matches('name', name) && matches('type', type) && matches('content', content))
    .map(show);
}

function create(call: ZoneCall): unknown {
  const time = call.now.toISOString();
  const record = { ...readRecord(call), id: newId(), created_on: time, modified_on: time };
  checkConflicts(call, record);
  call.zone.records.push(record);
  call.store.save();
  return show(record);
}

function change(call: ZoneCall, body: Record<string, unknown>): unknown {
  const record = find(call);
  const after = { ...record, ...readRecord({ ...call, body }), modified_on: call.now.toISOString() };
  checkConflicts(call, after);
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
  return findById(call.zone.records, call, cloudflareError(404, 81044, 'Record does not exist.'));
}

const hostName = /^(?=.{1,253}$)(\*|[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
const proxiable = ['A', 'AAAA', 'CNAME'];
const notEmpty = (text: string): boolean => text.length > 0;

/** Validation of a record's content, by record type. */
const contents: Readonly<Record<string, { test: (content: string) => boolean; code: number; message: string }>> = {
  A: { test: isIPv4, code: 9005, message: 'Content for A record must be a valid IPv4 address.' },
  AAAA: { test: isIPv6, code: 9006, message: 'Content for AAAA record must be a valid IPv6 address.' },
  CNAME: { test: (content) => hostName.test(content), code: 9007, message: 'Content for CNAME record is invalid.' },
  TXT: { test: notEmpty, code: 9009, message: 'Content for TXT record is invalid.' },
};

type Fields = Omit<StoredRecord, 'id' | 'created_on' | 'modified_on'>;

/** The record of a request body. As in the API, a name outside the zone is relative to it. */
function readRecord(call: ZoneCall): Fields {
  const { zone, body } = call;
  const given = (stringField(call, 'name') ?? '').toLowerCase();
  const inZone = given === zone.name || given.endsWith(`.${zone.name}`);
  const name = inZone ? given : given === '@' ? zone.name : `${given}.${zone.name}`;
  if (given === '' || !hostName.test(name)) throw cloudflareError(400, 9000, 'DNS name is invalid.');

  const type = stringField(call, 'type') ?? '';
  const rule = Object.hasOwn(contents, type) ? contents[type] : undefined;
  if (rule === undefined)
    throw cloudflareError(400, 1004, `DNS record type "${type}" is not supported by the lab's Cloudflare stand-in`);
  const raw = stringField(call, 'content') ?? '';
  const content = type === 'CNAME' ? raw.toLowerCase().replace(/\.$/, '') : raw;
  if (!rule.test(content)) throw cloudflareError(400, rule.code, rule.message);

  const { proxied = false, ttl = 1 } = body;
  if (typeof proxied !== 'boolean') throw cloudflareError(400, 9003, "Invalid 'proxied' value, must be a boolean");
  if (proxied && !proxiable.includes(type)) throw cloudflareError(400, 9004, 'This record type cannot be proxied.');
  if (typeof ttl !== 'number' || (ttl !== 1 && (ttl < 60 || ttl > 86_400))) {
    throw cloudflareError(400, 9021, 'Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.');
  }
  if (Array.isArray(body.tags) && body.tags.length > 0) {
    throw cloudflareError(400, 9301, `DNS record has ${body.tags.length} tags, exceeding the quota of 0.`);
  }
  const comment = stringField(call, 'comment') ?? null;
  if (comment !== null && comment.length > 100)
    throw cloudflareError(400, 9313, 'DNS record comment exceeds 100 characters.');
  return { name, type, content, ttl: proxied ? 1 : ttl, proxied, comment };
}

/** A name has either one CNAME or addresses, and identical records are not allowed. */
function checkConflicts({ zone }: ZoneCall, record: StoredRecord): void {
  const sameName = zone.records.filter(({ id, name }) => id !== record.id && name === record.name);
  if (sameName.some(({ type, content }) => type === record.type && content === record.content)) {
    throw cloudflareError(400, 81058, 'An identical record already exists.');
  }
  if (record.type === 'CNAME' && sameName.some(({ type }) => proxiable.includes(type))) {
    throw cloudflareError(400, 81053, 'An A, AAAA, or CNAME record with that host already exists.');
  }
  if (['A', 'AAAA'].includes(record.type) && sameName.some(({ type }) => type === 'CNAME')) {
    throw cloudflareError(400, 81054, 'A CNAME record with that host already exists.');
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
