import { talosPort } from '../../clients/talos/client';
import type { MachineDisk, MachineLink } from '../../clients/talos/resources';
import { physicalLinks } from '../preflight/nodes/deviceSelector';
import { formatBytes } from '../preflight/nodes/diskSelector';
import type { NodeFacts } from '../preflight/nodes/evaluateNode';
import { readNode } from '../preflight/nodes/readNode';
import type { Choice } from './prompter';

/** Reads what a machine at an address reports. */
export type Inspect = (address: string) => Promise<NodeFacts>;

/** Asks the machine itself, which answers without a client certificate only in maintenance mode. Read-only. */
export const inspectMachine: Inspect = (address) =>
  readNode({ address }, { host: address, port: talosPort }, undefined);

/** The disks that Talos can be installed on, the smallest first: the larger ones are for data. */
export function diskChoices({ disks = [] }: { disks?: MachineDisk[] }): Choice<string>[] {
  return disks
    .filter(({ transport, readonly, cdrom }) => Boolean(transport) && readonly !== true && cdrom !== true)
    .sort((a, b) => a.size - b.size || (a.dev_path < b.dev_path ? -1 : 1))
    .map(({ dev_path: path, size, model, transport }) => ({
      value: path,
      label: path,
      hint: [formatBytes(size), model, transport].filter(Boolean).join(', '),
    }));
}

/** The links of a machine's hardware. */
export function linkChoices({ links = [] }: { links?: MachineLink[] }): Choice<string>[] {
  return physicalLinks(links).map(({ id, hardwareAddr, permanentAddr, driver }) => ({
    value: id,
    label: id,
    hint: [permanentAddr || hardwareAddr, driver].filter(Boolean).join(', '),
  }));
}

/** What a machine says, for people who write an answers file. */
export function describeMachine(address: string, facts: NodeFacts): string {
  if (facts.state === 'unreachable') return `${address}: Talos does not respond: ${facts.why}`;
  if (facts.state === 'foreign')
    return `${address}: is configured already, so it tells nothing without its talosconfig`;
  const rows = (title: string, choices: readonly Choice<string>[]): string[] =>
    choices.map(({ label, hint }) => `  ${title} ${label}${hint === undefined ? '' : `  ${hint}`}`);
  const version = facts.version === undefined ? '' : `, Talos ${facts.version}`;
  return [
    `${address}: maintenance mode${version}`,
    ...rows('disk', diskChoices(facts)),
    ...rows('link', linkChoices(facts)),
  ].join('\n');
}
