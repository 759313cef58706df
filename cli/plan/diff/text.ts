import { changeLines } from '../../validate/diff/lines';
import { summaryOf } from '../../validate/diff/print';
import { count } from '../text';
import type { MachineDiff, PlanDiff, ReleaseDiff, ResourceDiff } from './planDiff';
import type { PlanDiffResult } from './runPlanDiff';

const marks = { added: '+', removed: '-', changed: '~' } as const;

/** The difference for a terminal. */
export function planDiffText({ ref, commit, stacks, unchanged }: PlanDiffResult): string {
  const lines = [`what happens because of the changes from ${ref} (${commit.slice(0, 7)}) to the working tree`, ''];
  for (const diff of stacks) lines.push(`${diff.stack}: ${stackSummary(diff)}`, ...stackLines(diff), '');
  if (unchanged.length > 0) lines.push(`nothing happens to: ${unchanged.join(', ')}`);
  return lines.join('\n').trimEnd();
}

/** What happens in short: `2 machines change, 1 reboots; Flux changes 3 objects`. */
export function stackSummary({ change, machines, kubernetes, releases, resources, flux }: PlanDiff): string {
  const reboots = machines.filter(({ reboots: does, upgrade }) => does || upgrade !== undefined).length;
  const parts = [
    ...(change === 'changed' ? [] : [`the stack is ${change === 'added' ? 'new' : 'gone'}`]),
    ...(machines.length === 0 ? [] : [`${count(machines.length, 'machine')} to change, ${reboots} with a reboot`]),
    ...(kubernetes === undefined ? [] : [`Kubernetes ${kubernetes}`]),
    ...(releases.length === 0 ? [] : [count(releases.length, 'release') + ' of the core']),
    ...(resources.length === 0 ? [] : [count(resources.length, 'resource')]),
    flux === undefined ? 'nothing for Flux' : `Flux: ${summaryOf(flux)}`,
  ];
  return parts.join('; ');
}

function stackLines({ machines, kubernetes, releases, resources, flux }: PlanDiff): string[] {
  const section = (title: string, lines: string[]): string[] => (lines.length === 0 ? [] : [`  ${title}`, ...lines]);
  return [
    ...section(
      'machines, in this order:',
      machines.flatMap((machine) => machineLines(machine).map((line) => `    ${line}`)),
    ),
    ...(kubernetes === undefined ? [] : [`  ${kubernetesText(kubernetes)}`]),
    ...section(
      'core, which Flux rolls out and not `up`:',
      releases.flatMap((release) => releaseLines(release).map((line) => `    ${line}`)),
    ),
    ...section(
      'resources of the program:',
      resources.map((resource) => `    ${resourceLine(resource)}`),
    ),
    ...section('Flux changes:', [
      ...(flux?.notCompared ?? []).map(({ kustomization, side }) => `    ? ${notKnownText(kustomization, side)}`),
      ...(flux?.objects ?? []).map(
        (object) => `    ${marks[object.change]} ${object.object}  (${object.kustomization}, ${object.file})`,
      ),
    ]),
  ];
}

/** That the objects of a Kustomization could not be compared. */
function notKnownText(kustomization: string, side: 'before' | 'after'): string {
  return `${kustomization} ${side === 'before' ? 'could not be rendered before' : 'cannot be rendered'}: its changes are not known`;
}

/** What happens with another version of Kubernetes. */
export function kubernetesText(change: string): string {
  return `Kubernetes ${change}: component by component, without a reboot`;
}

/** What happens to a machine; the first line names it. */
export function machineLines({ name, change, role, after, upgrade, reboots, fields, refused }: MachineDiff): string[] {
  const order = after.length === 0 ? '' : `, after ${after.join(', ')}`;
  const what =
    change === 'added'
      ? 'joins: it gets its configuration and installs'
      : change === 'removed'
        ? 'is no longer configured: drained and removed from the cluster if it is marked as leaving'
        : upgrade !== undefined
          ? 'upgrades, with a reboot'
          : reboots
            ? 'reboots'
            : fields.some(({ effect }) => effect === 'live')
              ? 'changes without a reboot'
              : 'nothing yet';
  return [
    `${marks[change]} ${name} (${role}) ${what}${order}`,
    ...(upgrade === undefined ? [] : [`    upgrade: ${upgrade}`]),
    ...(refused === undefined ? [] : [`    Talos refuses its configuration: ${refused}`]),
    ...fields.map(({ text }) => `    ${text}`),
  ];
}

/** A release's change; the first line names it. */
export function releaseLines({ name, change, chart, version, values }: ReleaseDiff): string[] {
  return [
    `${marks[change]} ${name}`,
    ...(chart === undefined ? [] : [`    chart: ${chart}`]),
    ...(version === undefined ? [] : [`    version: ${version}`]),
    ...values.flatMap((value) => changeLines(value).map(({ mark, text }) => `    ${mark} ${text}`)),
  ];
}

/** A resource's change, on one line. */
export function resourceLine({ id, change, inputs }: ResourceDiff): string {
  return `${marks[change]} ${id}${inputs.length === 0 ? '' : `: ${inputs.join(', ')}`}`;
}
