import { randomBytes, randomInt } from 'node:crypto';
import * as z from 'zod';
import { conflict, ConnectError, type ConnectField, type ConnectItem } from './types';

const categories = [
  'LOGIN',
  'PASSWORD',
  'API_CREDENTIAL',
  'SERVER',
  'DATABASE',
  'CREDIT_CARD',
  'MEMBERSHIP',
  'PASSPORT',
  'SOFTWARE_LICENSE',
  'OUTDOOR_LICENSE',
  'SECURE_NOTE',
  'WIRELESS_ROUTER',
  'BANK_ACCOUNT',
  'DRIVER_LICENSE',
  'IDENTITY',
  'REWARD_PROGRAM',
  'DOCUMENT',
  'EMAIL_ACCOUNT',
  'SOCIAL_SECURITY_NUMBER',
  'MEDICAL_RECORD',
  'SSH_KEY',
] as const;

const fieldSchema = z.object({
  id: z.string().optional(),
  type: z.string().default('STRING'),
  label: z.string().optional(),
  value: z.string().optional(),
  purpose: z.enum(['', 'USERNAME', 'PASSWORD', 'NOTES']).optional(),
  section: z.object({ id: z.string(), label: z.string().optional() }).optional(),
  generate: z.boolean().optional(),
  recipe: z.object({ length: z.number().int().min(1).max(64).optional() }).optional(),
});

const itemSchema = z.object({
  id: z.string().optional(),
  version: z.number().int().optional(),
  title: z.string().default(''),
  category: z.enum(categories),
  vault: z.object({ id: z.string() }),
  tags: z.array(z.string()).optional(),
  favorite: z.boolean().optional(),
  urls: z
    .array(z.object({ href: z.string(), label: z.string().optional(), primary: z.boolean().optional() }))
    .optional(),
  sections: z.array(z.object({ id: z.string(), label: z.string().optional() })).optional(),
  fields: z.array(fieldSchema).optional(),
});

/** A random id in 1Password's format: 26 lower-case letters and digits. */
export function newId(): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  return Array.from(randomBytes(26), (byte) => letters[byte % 32]).join('');
}

/**
 * The item that a create or replace request stores; `before` is the item to replace.
 * @throws ConnectError 400 for an invalid body, 409 if its version is not the current one
 */
export function readItem(body: unknown, vaultId: string, before?: ConnectItem): ConnectItem {
  const parsed = itemSchema.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ConnectError(400, `Invalid item: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not an item'}`);
  }
  const { fields, version, ...rest } = parsed.data;
  if (rest.vault.id !== vaultId)
    throw new ConnectError(400, 'The vault of the item differs from the vault of the path');
  if (before !== undefined && rest.id !== undefined && rest.id !== before.id) {
    throw new ConnectError(400, 'The id of the item differs from the id of the path');
  }
  if (before !== undefined && version !== undefined && version !== before.version) throw conflict();
  // Connect's timestamps have no fractional seconds.
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    ...rest,
    id: before?.id ?? newId(),
    ...(fields === undefined ? {} : { fields: fields.map(toField) }),
    version: (before?.version ?? 0) + 1,
    createdAt: before?.createdAt ?? now,
    updatedAt: now,
    lastEditedBy: 'LABSTANDINLABSTANDINLABSTA',
  };
}

/** An item as list responses return it: without sections and fields. */
export function summarize(item: ConnectItem): Omit<ConnectItem, 'fields' | 'sections'> {
  const { fields: _fields, sections: _sections, ...summary } = item;
  return summary;
}

/** One operation of a JSON patch. */
const patchSchema = z.array(
  z.object({ op: z.enum(['add', 'replace', 'remove']), path: z.string().startsWith('/'), value: z.unknown() }),
);

/**
 * The item after a JSON patch. A path segment below `fields` or `sections` is an id, an index or "-".
 * @throws ConnectError 400 for an invalid patch or a path that does not exist
 */
export function patchItem(item: ConnectItem, body: unknown): ConnectItem {
  const operations = patchSchema.safeParse(body);
  if (!operations.success)
    throw new ConnectError(400, 'Invalid patch: expected an array of add, replace and remove operations');
  const changed = structuredClone(item) as unknown as Record<string, unknown>;
  for (const { op, path, value } of operations.data) {
    const segments = path.slice(1).split('/');
    const last = segments.pop() ?? '';
    let target: unknown = changed;
    for (const segment of segments) target = child(target, segment, path);
    apply(target, last, op, value, path);
  }
  const { version: _v, createdAt: _c, updatedAt: _u, lastEditedBy: _l, ...rest } = changed;
  return readItem(rest, item.vault.id, item);
}

function child(parent: unknown, segment: string, path: string): unknown {
  const found: unknown = Array.isArray(parent)
    ? parent[position(parent, segment)]
    : (parent as Record<string, unknown> | undefined)?.[segment];
  if (found === undefined || found === null) throw new ConnectError(400, `Invalid patch: ${path} does not exist`);
  return found;
}

function apply(target: unknown, last: string, op: 'add' | 'replace' | 'remove', value: unknown, path: string): void {
  if (Array.isArray(target)) {
    if (op === 'add') {
      target.push(value);
      return;
    }
    const index = position(target, last);
    if (index < 0) throw new ConnectError(400, `Invalid patch: ${path} does not exist`);
    if (op === 'remove') target.splice(index, 1);
    else target[index] = value;
    return;
  }
  const object = target as Record<string, unknown>;
  if (op === 'remove') delete object[last];
  else object[last] = value;
}

function position(list: unknown[], segment: string): number {
  const byId = list.findIndex((entry) => (entry as { id?: unknown }).id === segment);
  return byId < 0 && /^\d+$/.test(segment) && Number(segment) < list.length ? Number(segment) : byId;
}

function toField({ generate, recipe, ...field }: z.infer<typeof fieldSchema>): ConnectField {
  const stored = { ...field, id: field.id === undefined || field.id === '' ? newId() : field.id };
  if (generate !== true || (stored.value ?? '') !== '') return stored;
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';
  return {
    ...stored,
    value: Array.from({ length: recipe?.length ?? 32 }, () => letters[randomInt(letters.length)]).join(''),
  };
}
