import type { Route, ZoneCall } from './call';
import { refusal, type StoredZone } from './types';

const onOff = ['on', 'off'];

/** The settings that the stand-in knows: what they may be, and what a new zone has (the first one). */
const settings: Readonly<Record<string, readonly string[]>> = {
  ssl: ['full', 'off', 'flexible', 'strict', 'origin_pull'],
  always_use_https: ['off', 'on'],
  min_tls_version: ['1.0', '1.1', '1.2', '1.3'],
  tls_1_3: [...onOff, 'zrt'],
  automatic_https_rewrites: onOff,
  opportunistic_encryption: onOff,
};

const what = 'Zone Settings';

/** A zone's settings, one by one. */
export const zoneSettingRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/zones/:zone/settings/:id',
    below: 'zone',
    need: { what, write: false },
    handle: ({ zone, id }) => show(zone, id),
  },
  {
    method: 'PATCH',
    path: '/zones/:zone/settings/:id',
    below: 'zone',
    need: { what, write: true },
    handle: change,
  },
];

function change({ store, zone, id, body, now }: ZoneCall): unknown {
  if (typeof body.value !== 'string' || !allowed(id).includes(body.value)) {
    throw refusal(400, 1007, `Invalid value for zone setting ${id}`);
  }
  zone.settings[id] = { value: body.value, modified_on: now.toISOString() };
  store.save();
  return show(zone, id);
}

function show(zone: StoredZone, id: string): unknown {
  const [initial] = allowed(id);
  return { id, editable: true, ...(zone.settings[id] ?? { value: initial, modified_on: null }) };
}

function allowed(id: string): readonly string[] {
  const values = Object.hasOwn(settings, id) ? settings[id] : undefined;
  if (values === undefined) throw refusal(400, 1006, `Unrecognized zone setting name: ${id}`);
  return values;
}
