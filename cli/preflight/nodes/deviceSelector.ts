import type { DeviceSelector } from '../../../cluster/machine/networkSchema';
import type { MachineLink } from '../../../clients/talos/resources';
import { matchesGlob } from '../../../cluster/machine/diskMatch';

/** The physical links of a machine. */
export function physicalLinks(links: readonly MachineLink[]): MachineLink[] {
  return links.filter(({ type, kind }) => type === 'ether' && !kind);
}

/** The physical links that match every other condition of a device selector. */
export function selectedLinks(selector: DeviceSelector, links: readonly MachineLink[]): MachineLink[] {
  return physicalLinks(links).filter((link) => {
    // In a bond every link has the bond's address; its own is the permanent one.
    const addresses = [link.hardwareAddr, link.permanentAddr];
    const conditions: [string | undefined, (string | undefined)[]][] = [
      [selector.hardwareAddr, addresses],
      [selector.permanentAddr, [link.permanentAddr]],
      [selector.driver, [link.driver]],
      [selector.busPath, [link.busPath]],
    ];
    return conditions.every(
      ([pattern, texts]) => pattern === undefined || texts.some((text) => matchesGlob(pattern, text ?? '')),
    );
  });
}

/** Whether a link has a name, either its kernel name or an alias. */
export function hasName(link: MachineLink, name: string): boolean {
  return [link.id, link.alias, ...(link.altNames ?? [])].includes(name);
}

/** Lists links with their addresses and drivers for a message. */
export function formatLinks(links: readonly MachineLink[]): string {
  if (links.length === 0) return 'no links';
  return links
    .map(({ id, hardwareAddr, permanentAddr, driver }) => [id, permanentAddr || hardwareAddr, driver])
    .map((facts) => facts.filter(Boolean).join(' '))
    .join(', ');
}
