import { printable } from '../../gitops/plainText';
import { workflowCommand } from '../github/workflowCommand';
import { type CouldNotTell, type Drift, type LayerName, layerNames, type StackDrift } from './drift';

/** All stacks as text for a terminal: what drifted by layer, then what could not be told, then a summary of each stack. */
export function plainDrift(stacks: readonly StackDrift[]): string {
  return stacks
    .flatMap((stack) => [...stackLines(stack), summaryOf(stack), ''])
    .join('\n')
    .trimEnd();
}

function stackLines(result: StackDrift): string[] {
  return layerNames.flatMap((layer) => {
    const drift = result.drift.filter((one) => one.layer === layer);
    const unknown = result.couldNotTell.filter((one) => one.layer === layer);
    if (drift.length + unknown.length === 0) return [];
    return [
      `${result.stack}: ${layer}`,
      ...drift.flatMap((one) => [`  ~ ${subjectOf(one)}  (${one.owner})`, ...details(one)]),
      ...unknown.flatMap((one) => [`  ? ${one.object}: ${shown(one.why)}`, `      fix: ${shown(one.todo)}`]),
      '',
    ];
  });
}

function details(drift: Drift): string[] {
  return [...factsOf(drift).map((text) => `      ${text}`), `      fix: ${shown(drift.todo)}`];
}

/** `<object>`, or `<object> <field>`. */
export function subjectOf({ object, field }: Drift): string {
  return field === undefined ? object : `${object} ${field}`;
}

/** What is wrong with it, one text a line. */
export function factsOf({ wanted, found, why, since }: Drift): string[] {
  const values =
    wanted === undefined && found === undefined ? [] : [`wanted ${orNothing(wanted)}, found ${orNothing(found)}`];
  const times = since === undefined ? [] : [`since ${since}`];
  return [...values, ...(why === undefined ? [] : [shown(why)]), ...times];
}

function orNothing(value: string | undefined): string {
  return value === undefined ? 'nothing' : printable(value, 200);
}

function shown(text: string): string {
  return printable(text, 1000);
}

/** How many findings a stack has, and of how many objects, in one line. */
export function summaryOf({ stack, drift, couldNotTell, ignored, compared, seconds }: StackDrift): string {
  const objects = Object.values(compared).reduce((sum, count) => sum + count, 0);
  const counts = [
    drift.length === 0 ? 'no drift' : `${drift.length} drifted`,
    ...(couldNotTell.length === 0 ? [] : [`${couldNotTell.length} could not be told`]),
    ...(ignored.length === 0 ? [] : [`${ignored.length} ignored`]),
  ];
  return `drift of ${stack}: ${counts.join(', ')}; ${objects} objects compared in ${seconds} s`;
}

/** As GitHub Actions annotations: an error for each drift, a warning for what could not be told. */
export function githubDrift(stacks: readonly StackDrift[]): string {
  return stacks
    .flatMap((result) => [
      ...result.drift.map((one) =>
        workflowCommand(
          'error',
          { title: `${result.stack}: ${one.id}` },
          [subjectOf(one), ...factsOf(one), `Fix: ${one.todo}`].join('\n'),
        ),
      ),
      ...result.couldNotTell.map(({ object, why, todo }) =>
        workflowCommand('warning', { title: `${result.stack}: could not tell` }, `${object}: ${why}\nFix: ${todo}`),
      ),
      summaryOf(result),
    ])
    .join('\n');
}

/** The findings of a layer, for a table. */
export function countsOf(
  result: StackDrift,
): { layer: LayerName; compared: number; drift: Drift[]; unknown: CouldNotTell[] }[] {
  return layerNames.map((layer) => ({
    layer,
    compared: result.compared[layer] ?? 0,
    drift: result.drift.filter((one) => one.layer === layer),
    unknown: result.couldNotTell.filter((one) => one.layer === layer),
  }));
}
