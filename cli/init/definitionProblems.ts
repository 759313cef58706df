import { parsePlace } from '../../cluster/keyPath';
import { settingsFileName, stackFileName } from '../../cluster/names';
import type { Problem } from '../../cluster/problems';
import { valueAtPath } from '../../cluster/schemaProblems';
import type { SettingKey } from '../../cluster/settingTypes';
import { ManifestError } from '../../gitops/manifestError';
import { evaluateStacks } from '../../stacks/evaluateStack';
import type { LocatedAnswers } from './answers';
import { catalogueEntries } from './settingCatalogue';
import { placeOfAnswer } from './settingValues';

/**
 * What the program would refuse about the answered clusters, at the answers that cause it where that is known.
 * @param root the folder with the planned files
 * @throws ManifestError if the program cannot read a file
 */
export function definitionProblems(root: string, located: LocatedAnswers): Problem[] {
  const names = located.answers.clusters.map(({ name }) => name);
  const evaluated = evaluateStacks(root).filter(({ stack }) => names.includes(stack));
  const unreadable = evaluated.flatMap(({ manifestProblems }) => manifestProblems);
  if (unreadable.length > 0) throw new ManifestError(unreadable);
  const problems = evaluated.flatMap(({ stack, problems: found }) =>
    found.map((problem) => ({ ...problem, where: placeIn(located, stack, problem.where) })),
  );
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

/** The answer that a place of a planned file comes from; without a known one the place itself, without its future line. */
function placeIn({ answers, at }: LocatedAnswers, cluster: string, where: string): string {
  const { file, key } = parsePlace(where);
  const index = answers.clusters.findIndex(({ name }) => name === cluster);
  const own = (...path: PropertyKey[]): string => at('clusters', index, ...path);
  if (file === settingsFileName(cluster)) {
    const entry = catalogueEntries().find((one) => one.key === key)?.entry;
    if (entry === undefined) return `${file} ${key}`;
    const sets = (values?: Readonly<Record<string, string>>): boolean => values?.[key] !== undefined;
    if (sets(answers.clusters[index]?.settings)) return own('settings', key);
    if (sets(answers.settings)) return at('settings', key);
    const path = entry.answer?.startsWith('/')
      ? entry.answer.slice(1).split('.')
      : ['clusters', index, ...(entry.answer ?? 'settings').split('.')];
    const isAnswered = entry.answer !== undefined && valueAtPath(answers, path) !== undefined;
    return isAnswered ? placeOfAnswer(key as SettingKey, entry, { at: own, siteAt: at }) : `${file} ${key}`;
  }
  if (file !== stackFileName(cluster)) return where;
  const [, node, rest] = /^nodes\[(\d+)\](?:\.(name|role|address|installDisk))?$/.exec(key) ?? [];
  if (node !== undefined) return own('nodes', Number(node), ...(rest === undefined ? [] : [rest]));
  return `${file} ${key}`;
}
