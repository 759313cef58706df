import type { DeviceSelector, Network } from '../../cluster/machine/networkSchema';

/** What a stack says about a machine's network hardware. */
export interface LinkHints {
  /** Names of links. */
  names: readonly string[];
  selectors: readonly DeviceSelector[];
}

/** What the merged description of a machine, which may be invalid, says about its hardware. */
export function linkHints({ interfaces = {}, ethernet = {} }: Partial<Network>): LinkHints {
  const links = Object.entries(interfaces);
  const members = links.flatMap(([, { bond, bridge }]) => [...(bond?.interfaces ?? []), ...(bridge?.interfaces ?? [])]);
  const own = links.flatMap(([name, { bond, bridge, dummy, deviceSelector }]) =>
    (bond ?? bridge ?? dummy ?? deviceSelector) === undefined ? [name] : [],
  );
  const virtual = links.map(([name]) => name).filter((name) => !own.includes(name));
  return {
    names: [...new Set([...Object.keys(ethernet), ...own, ...members])].filter((name) => !virtual.includes(name)),
    selectors: links.flatMap(([, { bond, deviceSelector }]) => bond?.deviceSelectors ?? deviceSelector ?? []),
  };
}

/** A network interface of a simulated machine. */
export interface MachineLink {
  name: string;
  /** Six octets in lower case. */
  hardwareAddr: string;
  driver: string;
  busPath: string;
}

// Onboard interface for remote management: not in any bond.
const onboard = { name: 'eno1', driver: 'lab-onboard', busPath: '0000:00:1f.6' };
const longMac = 'xx:xx:xx:xx:xx:xx';
const minimumLinks = 2;

/**
 * The network hardware of a simulated machine, matching the stack file: each interface has one of the names and matches
 * one device selector; one more interface is not meant for any selector.
 * @param address the node's IPv4 address, from which unique hardware addresses are derived
 */
export function machineLinks({ names, selectors }: LinkHints, address: string): MachineLink[] {
  const [, , third = 0, fourth = 0] = address.split('.').map(Number);
  const count = Math.max(minimumLinks, names.length, selectors.length);
  const links = Array.from({ length: count }, (_, at): MachineLink => {
    const { hardwareAddr, driver, busPath } = selectors[at % selectors.length] ?? {};
    const number = (third << 10) + fourth * 4 + at;
    return {
      name: names[at] ?? `enp1s0f${at}`,
      hardwareAddr: fillMac(hardwareAddr ?? '*', number) ?? fillMac('*', number) ?? '',
      driver: driver ?? 'lab-card',
      busPath: (busPath ?? '0000:01:00.*').replace('*', String(at)).replaceAll('*', ''),
    };
  });
  const extra = { ...onboard, hardwareAddr: fillMac('02:*', (third << 8) + fourth) ?? '' };
  return links.some(({ name }) => name === extra.name) ? links : [...links, extra];
}

/** A hardware address that matches a pattern, with a number in place of one of its stars; undefined if none fits. */
export function fillMac(pattern: string, number: number): string | undefined {
  if (!pattern.includes('*')) return isMac(pattern) ? pattern : undefined;
  const digits = number.toString(16).padStart(longMac.length, '0');
  for (const { index } of pattern.matchAll(/\*/g)) {
    const [before, after] = [pattern.slice(0, index), pattern.slice(index + 1)].map((part) => part.replaceAll('*', ''));
    const room = longMac.slice(before?.length, longMac.length - (after?.length ?? 0));
    let next = digits.length - room.replaceAll(':', '').length;
    const filled = `${before}${room.replaceAll('x', () => digits[next++] ?? '')}${after}`;
    if (isMac(filled)) return filled;
  }
  return undefined;
}

function isMac(text: string): boolean {
  return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(text);
}
