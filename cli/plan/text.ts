import { stringify } from 'yaml';
import type { Json, JsonMap } from '../../gitops/kubernetesObject';
import type { AppliedKustomization } from './fluxPlan';
import type { PlannedMachine, PlannedRelease, PlannedResource, StackPlan } from './stackPlan';

/** A plan as a tree for a terminal. `full` adds inputs, machine configurations, values, and the names of all objects. */
export function planText(plans: readonly StackPlan[], full = false): string {
  return plans.map((plan) => stackLines(plan, full).join('\n')).join('\n\n');
}

function stackLines(plan: StackPlan, full: boolean): string[] {
  const { stack, versions, format, resources, machines, crds, core, handover, flux } = plan;
  const objects = flux.reduce((sum, each) => sum + (each.objects?.length ?? 0), 0);
  const sizes = [
    count(machines.length, 'machine'),
    count(resources.length, 'resource'),
    `${count(flux.length, 'Kustomization')} with ${count(objects, 'object')}`,
  ];
  return [
    `${stack}: Talos ${versions.talos}, Kubernetes ${versions.kubernetes}, ${sizes.join(', ')}`,
    '',
    'resources, each after what it depends on:',
    ...resourceLines(resources, full),
    '',
    `machines, in the order of a roll (format ${format}, unless the cluster was made with another):`,
    ...machines.flatMap((machine) => machineLines(machine, full)),
    '',
    'CRDs before the core:',
    ...crds.map(({ name, from }) => `  ${name}  ${from}`),
    '',
    'core, stage by stage:',
    ...core.flatMap((stage, index) => stage.flatMap((release) => releaseLines(release, index + 1, full))),
    '',
    `the handover waits for ${count(handover.awaited.length, 'Kustomization')}: ${handover.awaited.join(', ')}`,
    ...handover.skipped.map(({ name, why }) => `  not for ${name}: ${why}`),
    '',
    'then Flux applies, each Kustomization after those that it depends on:',
    ...flux.flatMap((kustomization) => fluxLines(kustomization, full)),
  ];
}

/** `1 machine`, `3 machines` */
export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function resourceLines(resources: readonly PlannedResource[], full: boolean): string[] {
  const ids = new Set(resources.map(({ id }) => id));
  const below = (parent: string | undefined, indent: string): string[] =>
    resources
      .filter(
        (resource) =>
          (resource.parent !== undefined && ids.has(resource.parent) ? resource.parent : undefined) === parent,
      )
      .flatMap((resource) => [
        `${indent}${resource.id}`,
        ...(full ? yamlLines(resource.inputs, `${indent}    `) : []),
        ...below(resource.id, `${indent}  `),
      ]);
  return below(undefined, '  ');
}

function machineLines(
  { name, role, address, after, system, documents, refused }: PlannedMachine,
  full: boolean,
): string[] {
  const schematic =
    system.schematic === undefined ? `image ${system.image}` : `schematic ${system.schematic.slice(0, 12)}…`;
  const facts = [name, role, address, `Talos ${system.version}`, schematic, count(documents.length, 'document')];
  const order = after.length === 0 ? '' : `, after ${after.join(', ')}`;
  return [
    `  ${facts.join('  ')}${order}`,
    ...(refused === undefined ? [] : [`    Talos refuses its configuration: ${refused}`]),
    ...(full
      ? documents.flatMap((document, index) => [...(index > 0 ? ['      ---'] : []), ...yamlLines(document, '      ')])
      : []),
  ];
}

function releaseLines(
  { name, namespace, chart, version, values, file }: PlannedRelease,
  stage: number,
  full: boolean,
): string[] {
  const line = `  ${stage}. ${namespace}/${name}  ${chart} ${version}${file === undefined ? '' : `  ${file}`}`;
  return [line, ...(full ? yamlLines(values, '       ') : [])];
}

function fluxLines({ id, after, suspended, objects, why }: AppliedKustomization, full: boolean): string[] {
  const what = objects === undefined ? `objects not known: ${(why ?? []).join('; ')}` : count(objects.length, 'object');
  const notes = [...(suspended ? ['suspended'] : []), ...(after.length === 0 ? [] : [`after ${after.join(', ')}`])];
  const line = `  ${id}: ${what}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`;
  return [line, ...(full ? (objects ?? []).map((object) => `      ${object}`) : [])];
}

function yamlLines(value: Json | JsonMap, indent: string): string[] {
  const text = stringify(value, { lineWidth: 0 }).trimEnd();
  return text === '{}' ? [] : text.split('\n').map((line) => `${indent}${line}`);
}
