import type { KeyPlace } from '../../cluster/keyPath';
import { type Problem, show } from '../../cluster/problems';
import { settingKeys } from '../../cluster/settings';
import { type SettingKey, type SettingType, settingTypes } from '../../cluster/settingTypes';
import type { SystemUse } from '../../gitops/listedSystems';
import { catalogueEntries, type SettingContext, type SettingEntry } from './settingCatalogue';

/** A setting that has no answer yet. */
export interface MissingSetting {
  key: SettingKey;
  entry: SettingEntry;
  /** What demands it; absent for the program itself. */
  use?: SystemUse;
  problem: Problem;
}

/** The settings of a cluster as the answers want them. */
export interface SettingValues {
  /** In the order of the catalogue. */
  values: Map<SettingKey, string>;
  missing: MissingSetting[];
  /** Those of `values` and `missing`. */
  used: SettingKey[];
}

/**
 * The settings that a cluster needs: those of the program and those that its systems use without a default, and those that
 * are answered by name. The answers decide; what they leave open stays as the file has it, or gets the default.
 * @param at the places of the cluster's answers; `siteAt` those of all clusters
 * @param file the settings that the cluster has already
 */
export function settingValues(
  context: SettingContext,
  variables: ReadonlyMap<string, SystemUse>,
  file: Readonly<Partial<Record<string, string>>>,
  places: { at: KeyPlace; siteAt: KeyPlace },
): SettingValues {
  const { answers, cluster, systems } = context;
  const ofSite = answers.settings as Partial<Record<SettingKey, string>> | undefined;
  const own = cluster.settings as Partial<Record<SettingKey, string>> | undefined;
  const demanded = new Set<string>([...Object.values(settingKeys), ...variables.keys()]);
  const result: SettingValues = { values: new Map(), missing: [], used: [] };
  for (const { key, entry } of catalogueEntries()) {
    const answer = own?.[key] ?? ofSite?.[key] ?? entry.answered?.(context);
    const isUsed = demanded.has(key) || entry.everywhere === true || systems.includes(entry.system ?? '');
    const isWanted = own?.[key] !== undefined || (entry.ifAnswered === true && answer !== undefined);
    // What a cluster without the system says about it must not be wrong.
    const isStale = entry.system !== undefined && file[key] !== undefined && entry.answered !== undefined;
    if (!isUsed && !isWanted && !isStale) continue;
    result.used.push(key);
    const value = answer ?? file[key] ?? entry.fallback?.(context);
    if (value !== undefined) result.values.set(key, value);
    else result.missing.push(missing(key, entry, variables.get(key), places));
  }
  return result;
}

function missing(
  key: SettingKey,
  entry: SettingEntry,
  use: SystemUse | undefined,
  { at, siteAt }: { at: KeyPlace; siteAt: KeyPlace },
): MissingSetting {
  const { expected } = settingTypes[key] as SettingType<unknown>;
  const user =
    use === undefined ? `${entry.system ?? 'the program'} uses it` : `${use.kustomization} uses it (${use.place})`;
  const problem = {
    where: placeOfAnswer(key, entry, { at, siteAt }),
    found: show(undefined),
    expected: `${entry.question}: ${expected}; ${user}`,
    fix: (use ?? entry.system) === undefined ? 'add it' : 'add it, or leave the system out',
  };
  return { key, entry, ...(use !== undefined && { use }), problem };
}

/** Where the answers say, or would say, the value of a setting. */
export function placeOfAnswer(
  key: SettingKey,
  { answer }: Pick<SettingEntry, 'answer'>,
  { at, siteAt }: { at: KeyPlace; siteAt: KeyPlace },
): string {
  if (answer === undefined) return at('settings', key);
  return answer.startsWith('/') ? siteAt(...answer.slice(1).split('.')) : at(...answer.split('.'));
}
