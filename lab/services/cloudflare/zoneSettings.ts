import type { Route, ZoneCall } from './call';
import { cloudflareError, type StoredZone } from './types';

const onOff = ['on', 'off'];

/** The supported settings and their allowed values; the first one is the default. */
const settings: Readonly<Record<string, readonly string[]>> = {
  ssl: ['full', 'off', 'flexible', 'strict', 'origin_pull'],
  always_use_https: ['off', 'on'],
  min_tls_version: ['1.0', '1.1', '1.2', '1.3'],
  tls_1_3: [...onOff, 'zrt'],
  automatic_https_rewrites: onOff,
  opportunistic_encryption: onOff,
};

const name = 'Zone Settings';

/** A zone's settings, each under its own path. */
export const zoneSettingRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/zones/:zone/settings/:id',
    scope: 'zone',
    permission: { name, write: false },
    handle: ({ zone, id }) => show(zone, id),
  },
  {
    method: 'PATCH',
    path: '/zones/:zone/settings/:id',
    scope: 'zone',
    permission: { name, write: true },
    handle: change,
  },
];

function change({ store, zone, id, body, now }: ZoneCall): unknown {
  if (typeof body.value !== 'string' || !allowedValues(id).includes(body.value)) {
    throw cloudflareError(400, 1007, `Invalid value for zone setting ${id}`);
  }
  zone.settings[id] = { value: body.value, modified_on: now.toISOString() };
  store.save();
  return show(zone, id);
}

function show(zone: StoredZone, id: string): unknown {
  const [defaultValue] = allowedValues(id);
  return { id, editable: true, ...(zone.settings[id] ?? { value: defaultValue, modified_on: null }) };
}

function allowedValues(id: string): readonly string[] {
  const values = Object.hasOwn(settings, id) ? settings[id] : undefined;
  if (values === undefined) throw cloudflareError(400, 1006, `Unrecognized zone setting name: ${id}`);
  return values;
}
