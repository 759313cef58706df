import { type AddressRange, cidrRange, poolRange } from '../net/addresses';
import type { Settings } from './settings';

/** The ranges that a cluster's settings name, by setting. */
export function settingRanges(settings: Partial<Settings>): Map<'nodeCidr' | 'podCidr' | 'serviceCidr', AddressRange> {
  const ranges = new Map<'nodeCidr' | 'podCidr' | 'serviceCidr', AddressRange>();
  for (const setting of ['nodeCidr', 'podCidr', 'serviceCidr'] as const) {
    const range = cidrRange(settings[setting] ?? '');
    if (range !== undefined) ranges.set(setting, range);
  }
  return ranges;
}

/** The load balancer addresses of a cluster. */
export function settingPool(settings: Partial<Settings>): AddressRange | undefined {
  return poolRange(settings.poolStart ?? '', settings.poolEnd ?? '');
}
