import { UserError } from '../userError';
import type { CloudflareApi, CloudflareResponse } from './api';
import { retryTransient } from './retry';

/** A DNS record, as the API returns it. */
export interface DnsRecord {
  id: string;
  name: string;
  type: string;
  content: string;
  proxied: boolean;
  /** Seconds; 1 is "automatic". */
  ttl: number;
  comment?: string | null;
}

/** A setting of a zone, as the API returns it. */
export interface ZoneSetting {
  id: string;
  value: unknown;
  /** ISO 8601; null if it has its default. */
  modified_on?: string | null;
}

/** The records of a zone with that name, of any type. Throws a UserError if the API refuses. */
export async function recordsOf(api: CloudflareApi, zoneId: string, name: string): Promise<DnsRecord[]> {
  const path = `/zones/${zoneId}/dns_records`;
  const records = await retryTransient(() => api.list<DnsRecord>(path, { name }));
  return resultOf(records, `record ${name}`).filter((record) => record.name === name);
}

/** A setting of a zone. Throws a UserError if the API refuses. */
export async function settingOf(api: CloudflareApi, zoneId: string, id: string): Promise<ZoneSetting> {
  const path = `/zones/${zoneId}/settings/${id}`;
  return resultOf(await retryTransient(() => api.call<ZoneSetting>('GET', path)), `setting ${id}`);
}

/** The result of a response. Throws a UserError with the reasons if it has none. */
export function resultOf<T>({ status, result, errors }: CloudflareResponse<T>, what: string): T {
  if (result !== undefined) return result;
  const reasons = errors.map(({ code, message }) => `${message} (${code})`).join(', ');
  throw new UserError(`Cloudflare refused to show ${what}: ${status} ${reasons}`);
}
