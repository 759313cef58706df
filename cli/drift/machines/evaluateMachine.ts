import { stackFileName } from '../../../cluster/names';
import type { ClusterDefinition } from '../../../cluster/definition';
import { configurationDrift } from '../../../cluster/drift/configurationDrift';
import { type MachineFinding, machineObject } from '../../../cluster/drift/finding';
import { systemDrift } from '../../../cluster/drift/systemDrift';
import { schematicOf, schematicText } from '../../../cluster/schematic';
import { schematicId } from '../../../cluster/schematicId';
import type { Node } from '../../../cluster/stackSchema';
import { resetCommand } from '../../../cluster/talos/commands';
import { diskFailures, newMounts } from '../../preflight/nodes/evaluateNode';
import { linkFailures } from '../../preflight/nodes/evaluateLinks';
import type { MachineReport, MemberReport } from './readMachine';

/** What one machine leads to. */
export interface MachineVerdict {
  findings: MachineFinding[];
  /** Why some of it could not be told, and what helps; without the object if that is the machine. */
  unknown: { why: string; todo: string; object?: string }[];
  /** Whether the machine is about to change: it boots, or does not answer, which may be a reboot. */
  unsettled: boolean;
}

/** What all machine configurations together are called, if none of them can be compared. */
export const allConfigurations = 'the machine configurations';

/** @param wanted the configuration in the state: a text, none (undefined), or why it is not known */
export function evaluateMachine(
  definition: Pick<ClusterDefinition, 'name' | 'versions' | 'schematics'>,
  node: Node,
  report: MachineReport,
  wanted: string | undefined | { why: string; todo: string },
): MachineVerdict {
  const object = machineObject(node.name);
  const explains = [`Node ${node.name}`];
  switch (report.state) {
    case 'silent':
      return {
        findings: [],
        unknown: [
          {
            why: `Talos does not respond: ${report.why}`,
            todo: `start it, or make ${node.address}:50000 reachable from here`,
          },
        ],
        unsettled: true,
      };
    case 'maintenance': {
      const why = 'it has no configuration, and waits for one';
      const todo = 'find out who reset it; pulumi up installs it again';
      const found = 'maintenance mode';
      return settled([
        { id: 'machine-maintenance', object, wanted: 'a member of the cluster', found, why, todo, explains },
      ]);
    }
    case 'other-cluster': {
      const todo = `correct its address in ${stackFileName(definition.name)}, or reset that machine with its own talosconfig: ${resetCommand(node.address)}`;
      const found = 'a machine of another cluster';
      return settled([{ id: 'machine-foreign', object, wanted: 'a member of the cluster', found, todo, explains }]);
    }
    case 'member':
      return evaluateMember(definition, node, report, wanted);
  }
}

const settled = (findings: MachineFinding[]): MachineVerdict => ({ findings, unknown: [], unsettled: false });

/** Whether a machine is on its way into another state: it boots, is upgraded, installed, reset. */
export function isBooting(report: MachineReport | undefined): boolean {
  return report?.state === 'member' && report.system.stage !== '' && report.system.stage !== 'running';
}

function evaluateMember(
  definition: Pick<ClusterDefinition, 'name' | 'versions' | 'schematics'>,
  node: Node,
  report: MemberReport,
  wanted: string | undefined | { why: string; todo: string },
): MachineVerdict {
  const { system } = report;
  const unknown: MachineVerdict['unknown'] = [];
  if (isBooting(report)) {
    // What it says now is of the past, or half of the future.
    const unmet = system.unmet === '' ? '' : ` (${system.unmet})`;
    unknown.push({ why: `its stage is ${system.stage}${unmet}`, todo: 'wait until it runs, then run drift again' });
    return { findings: [], unknown, unsettled: true };
  }
  const described = definition.schematics[schematicOf(node) ?? ''];
  const schematic = described === undefined ? undefined : schematicId(schematicText(described));
  return {
    findings: [
      ...configurationFindings(node, report, wanted, unknown),
      ...systemDrift(node.name, system, { version: definition.versions.talos, schematic }),
      ...(system.unmet !== '' ? [notReady(node, system.unmet)] : []),
      ...hardwareFindings(definition, node, report),
    ],
    unknown,
    unsettled: false,
  };
}

function configurationFindings(
  node: Node,
  { configurations }: MemberReport,
  wanted: string | undefined | { why: string; todo: string },
  unknown: MachineVerdict['unknown'],
): MachineFinding[] {
  if ('why' in configurations) {
    const { why, denied } = configurations;
    if (!denied) unknown.push({ why: `its configuration could not be read: ${why}`, todo: 'run drift again' });
    else {
      const role = 'the Talos identity may not read them, which takes the role os:admin';
      unknown.push({ object: allConfigurations, why: `${role} (${why})`, todo: 'use a talosconfig of an admin' });
    }
    return [];
  }
  if (wanted === undefined) {
    unknown.push({ why: 'the state has no configuration of it', todo: 'run: pulumi up' });
    return [];
  }
  if (typeof wanted !== 'string') {
    unknown.push({ object: allConfigurations, ...wanted });
    return [];
  }
  const { active, persistent = active } = configurations;
  if (active === undefined || persistent === undefined) {
    unknown.push({ why: 'it reports no configuration', todo: 'run drift again' });
    return [];
  }
  return configurationDrift(node.name, { wanted, active, persistent });
}

function notReady({ name, address }: Node, unmet: string): MachineFinding {
  return {
    ...{ id: 'machine-not-ready', object: machineObject(name), field: 'ready', found: unmet },
    todo: `see what it waits for: talosctl dmesg --nodes ${address}`,
    explains: [`Node ${name}`],
  };
}

function hardwareFindings(
  { name: cluster }: Pick<ClusterDefinition, 'name'>,
  node: Node,
  { disks, links, volumes }: MemberReport,
): MachineFinding[] {
  const file = stackFileName(cluster);
  const lacking = (field: string, why: string, todo: string): MachineFinding => ({
    ...{ id: 'machine-hardware', object: machineObject(node.name), field, why, todo },
  });
  return [
    ...diskFailures(node, file, disks).map(({ why, fix }) => lacking('install disk', why, fix)),
    ...linkFailures(node, file, links).map(({ why, fix }) => lacking('links', why, fix)),
    ...newMounts(node, volumes).map((mount) =>
      lacking(
        mount,
        'the machine has no such volume',
        `see why Talos does not provide it: talosctl get volumestatus --nodes ${node.address}`,
      ),
    ),
  ];
}
