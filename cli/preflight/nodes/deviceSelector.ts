import type { Network } from '../../../cluster/stackSchema';
import type { MachineLink } from '../../../clients/talos/resources';
import { fitsPattern } from './diskSelector';

type DeviceSelector = Network['bond']['deviceSelectors'][number];

/** The hardware among a machine's links. */
export function physicalLinks(links: readonly MachineLink[]): MachineLink[] {
  return links.filter(({ type, kind }) => type === 'ether' && !kind);
}

/** The links that a device selector takes: all that it says must fit. */
export function selectedLinks(selector: DeviceSelector, links: readonly MachineLink[]): MachineLink[] {
  return physicalLinks(links).filter((link) => {
    // In a bond every link has the bond's address, and its own only as the permanent one.
    const addresses = [link.hardwareAddr, link.permanentAddr];
    const wanted: [string | undefined, (string | undefined)[]][] = [
      [selector.hardwareAddr, addresses],
      [selector.driver, [link.driver]],
      [selector.busPath, [link.busPath]],
    ];
    return wanted.every(
      ([pattern, texts]) => pattern === undefined || texts.some((text) => fitsPattern(pattern, text ?? '')),
    );
  });
}

/** Whether a link is called so: by the kernel, or by an alias. */
export function hasName(link: MachineLink, name: string): boolean {
  return [link.id, link.alias, ...(link.altNames ?? [])].includes(name);
}

/** Links for people: names, addresses and drivers. */
export function showLinks(links: readonly MachineLink[]): string {
  if (links.length === 0) return 'no link';
  return links
    .map(({ id, hardwareAddr, permanentAddr, driver }) => [id, permanentAddr || hardwareAddr, driver])
    .map((facts) => facts.filter(Boolean).join(' '))
    .join(', ');
}
