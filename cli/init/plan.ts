import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyPlace } from '../../cluster/keyPath';
import { settingsFileName, stackFileName } from '../../cluster/names';
import { cloudflareItems } from '../../cluster/onePasswordFields';
import { type Problem, show } from '../../cluster/problems';
import { settingKeys } from '../../cluster/settings';
import type { SettingKey } from '../../cluster/settingTypes';
import { readerOf } from '../../cluster/systemNames';
import { projectName } from '../../cluster/stackFile';
import { listClusters, listFileOf, readClusterSettings } from '../../gitops/clusterSettings';
import { type ListedSystems, readListedSystems } from '../../gitops/listedSystems';
import { ManifestError } from '../../gitops/manifestError';
import { compareVersions, parseVersion } from '../../gitops/version';
import { allocate, type Allocation, type ExistingSettings } from './allocate';
import type { ClusterAnswers, LocatedAnswers } from './answers';
import { definitionProblems } from './definitionProblems';
import { fleetProblems } from '../../gitops/generate/fleet';
import { generatedFiles } from '../../gitops/generate/generatedFiles';
import { readListed } from '../../gitops/generate/readFleet';
import { entryPointText, listedIn } from './entryPoint';
import { catalogueEntries, type SettingContext } from './settingCatalogue';
import { settingsText } from './settingsFile';
import { type MissingSetting, settingValues } from './settingValues';
import { filesOfCluster, type Stage, stage, textIfPresent } from './stage';
import { forgottenNodes, stackText } from './stackText';
import { alternativesOf, type ChosenSystems, chooseSystems, readSystems, type System } from './systems';

/** A file that a plan writes. */
export interface PlannedFile {
  /** Relative to the repository root. */
  path: string;
  /** Absent for a new file. */
  before?: string;
  text: string;
}

/** A cluster as a plan leaves it. */
export interface PlannedCluster {
  answers: ClusterAnswers;
  systems: readonly string[];
  /** What people have to create in the vault, and more. */
  listed: ListedSystems;
  settings: ReadonlyMap<SettingKey, string>;
  needsCloudflare: boolean;
}

/** What init is going to do. */
export interface Plan {
  /** Only files that change. */
  files: PlannedFile[];
  /** Files and folders to delete, relative to the repository root. */
  removed: string[];
  /** Systems that were not asked for, and what needs them. */
  added: { cluster: string; name: string; for: string }[];
  clusters: PlannedCluster[];
}

/** A plan, or why there is none. */
export interface PlanResult {
  plan?: Plan;
  problems: Problem[];
  /** Problems that are settings without an answer, which people can be asked for. */
  missing: { cluster: string; setting: MissingSetting }[];
  /** Whether an account of Cloudflare is missing. */
  needsCloudflare: boolean;
}

/**
 * Plans what the answers ask for, in a copy of the repository, and checks it there as the program will.
 * @throws ManifestError if a file of the repository cannot be read
 */
export function planSite(root: string, { answers, at }: LocatedAnswers): PlanResult {
  const trial = stage(root, answers.remove);
  try {
    return new Planner(root, trial, { answers, at }).run();
  } finally {
    trial.close();
  }
}

class Planner {
  private readonly problems: Problem[] = [];
  private readonly missing: PlanResult['missing'] = [];
  private readonly files: PlannedFile[] = [];
  private readonly clusters: PlannedCluster[] = [];
  private readonly systems: readonly System[];
  private readonly existing: ExistingSettings;
  private readonly allocations: ReadonlyMap<string, Allocation>;
  private readonly project: string;
  private lacksAccount = false;
  private readonly used = new Set<string>();

  constructor(
    private readonly root: string,
    private readonly trial: Stage,
    private readonly located: LocatedAnswers,
  ) {
    this.project = projectName(root);
    this.systems = readSystems(root);
    this.existing = new Map(
      listClusters(trial.root).map((name) => [name, readClusterSettings(trial.root, name).values]),
    );
    this.allocations = allocate(located.answers.clusters, this.existing);
  }

  run(): PlanResult {
    const { answers } = this.located;
    const known = listClusters(this.root);
    const removed = answers.remove.filter((name) => known.includes(name));
    const chosen = answers.clusters.map((cluster, index) => this.choose(cluster, index));
    if (this.problems.length > 0) return this.result();
    const wanted = new Map(chosen.map(({ names }, index) => [answers.clusters[index]?.name ?? '', names]));
    // First, because what a cluster that stores demands is in what is generated for it.
    this.planGenerated(wanted);
    answers.clusters.forEach((cluster, index) => this.plan(cluster, index, wanted));
    this.problems.push(...this.uselessSettings());
    if (this.problems.length > 0) return this.result();
    this.problems.push(...definitionProblems(this.trial.root, this.located));
    if (this.problems.length > 0) return this.result();
    const plan: Plan = {
      files: this.files,
      removed: removed.flatMap(filesOfCluster).filter((file) => existsSync(join(this.root, file))),
      added: chosen.flatMap(({ added }, index) =>
        added.map((one) => ({ cluster: answers.clusters[index]?.name ?? '', ...one })),
      ),
      clusters: this.clusters,
    };
    return { ...this.result(), plan };
  }

  private result(): PlanResult {
    return { problems: this.problems, missing: this.missing, needsCloudflare: this.lacksAccount };
  }

  /** Settings of all clusters that none of them uses. */
  private uselessSettings(): Problem[] {
    const { answers, at } = this.located;
    return Object.entries(answers.settings ?? {}).flatMap(([key, value]) => {
      if (this.used.has(key)) return [];
      const expected = 'a setting that a listed system of some cluster uses';
      return [{ where: at('settings', key), found: show(value), expected, fix: 'remove it, or list the system' }];
    });
  }

  private choose(cluster: ClusterAnswers, index: number): ChosenSystems {
    const chosen = chooseSystems(cluster, this.systems, this.alternativesInUse(cluster.name), this.at(index));
    this.problems.push(...chosen.problems);
    return chosen;
  }

  /** Systems with alternatives that the clusters of the repository list, also those that are to be removed. */
  private alternativesInUse(first: string): string[] {
    const names = [first, ...listClusters(this.root).filter((name) => name !== first)];
    const listed = names.flatMap((name) => listedIn(textIfPresent(join(this.root, listFileOf(name))) ?? ''));
    return listed.filter((name) => alternativesOf(this.systems, name).length > 1);
  }

  private plan(cluster: ClusterAnswers, index: number, wanted: ReadonlyMap<string, string[]>): void {
    const { answers, at: siteAt } = this.located;
    const at = this.at(index);
    const { name } = cluster;
    const systems = wanted.get(name) ?? [];
    const allocation = this.allocations.get(name);
    if (allocation === undefined) throw new Error(`nothing was allocated for ${name}`);
    const context: SettingContext = {
      answers,
      cluster,
      systems,
      listedBy: (system) => answers.clusters.filter((other) => wanted.get(other.name)?.includes(system)),
      allocation,
      newest: (key) => this.newest(key),
    };
    const before = this.existing.get(name) ?? {};
    const demandedBefore = this.demandedBefore(name);
    this.write(listFileOf(name), entryPointText(textIfPresent(join(this.root, listFileOf(name))), systems));
    // The entry point is built with settings, so it gets all that have a value until it is known which it needs.
    const settingsFile = settingsFileName(name);
    const settingsBefore = textIfPresent(join(this.root, settingsFile));
    const everything = new Map(catalogueEntries().map(({ key }) => [key as string, { kustomization: '', place: '' }]));
    const all = settingValues(context, everything, before, { at, siteAt });
    this.trial.write(settingsFile, settingsText(name, settingsBefore, all.values, []));
    const { variables } = readListedSystems(this.trial.root, name);
    const { values, missing, used } = settingValues(context, variables, before, { at, siteAt });
    for (const key of used) this.used.add(key);
    this.missing.push(...missing.map((setting) => ({ cluster: name, setting })));
    this.problems.push(...missing.map(({ problem }) => problem));
    const own: readonly string[] = Object.values(settingKeys);
    const unused = demandedBefore.filter(
      (key) => !variables.has(key) && !own.includes(key) && !values.has(key as SettingKey),
    );
    this.write(settingsFile, settingsText(name, settingsBefore, values, unused));
    const listed = readListedSystems(this.trial.root, name);
    this.planStack(cluster, index, {
      answers: cluster,
      systems,
      listed,
      settings: values,
      needsCloudflare: needsCloudflare(name, listed),
    });
  }

  /** What follows from the systems of all clusters, as `npm run generate` writes it. */
  private planGenerated(wanted: ReadonlyMap<string, readonly string[]>): void {
    const others = listClusters(this.trial.root).filter((name) => !wanted.has(name));
    const fleet = [
      ...[...wanted].map(([name, systems]) => ({ name, systems: new Set(systems) })),
      ...others.map((name) => readListed(this.trial.root, name)),
    ];
    for (const { cluster, what, todo } of fleetProblems(fleet)) {
      const expected = 'one cluster that stores what all of them send';
      this.problems.push({ where: listFileOf(cluster), found: `${cluster}, which ${what}`, expected, fix: todo });
    }
    for (const { path, text } of generatedFiles(fleet)) this.write(path, text);
  }

  private planStack(cluster: ClusterAnswers, index: number, planned: PlannedCluster): void {
    const { answers, at } = this.located;
    const file = stackFileName(cluster.name);
    const before = textIfPresent(join(this.trial.root, file));
    if (before !== undefined) this.problems.push(...forgottenNodes(cluster, before, this.project, this.at(index)));
    if (planned.needsCloudflare && answers.cloudflare === undefined) {
      this.lacksAccount = true;
      const expected = `the name of the account, because a system of ${cluster.name} reads a token of Cloudflare`;
      const fix = 'add it, or leave these systems out';
      this.problems.push({ where: at('cloudflare', 'account'), found: show(undefined), expected, fix });
    }
    const owner = answers.cloudflare?.zoneOwner ?? answers.clusters[0]?.name;
    const cloudflare =
      planned.needsCloudflare && answers.cloudflare !== undefined
        ? { account: answers.cloudflare.account, ownsZone: cluster.name === owner }
        : undefined;
    this.write(file, stackText({ answers, cluster, cloudflare }, before, this.project));
    this.clusters.push(planned);
  }

  /** Writes a file of the copy, and plans it if it changes. */
  private write(path: string, text: string): void {
    const before = textIfPresent(join(this.root, path));
    this.trial.write(path, text);
    if (before !== text) this.files.push({ path, text, ...(before !== undefined && { before }) });
  }

  /** The settings that the cluster's systems demand as they are listed now; empty for a new cluster. */
  private demandedBefore(cluster: string): string[] {
    if (!existsSync(join(this.root, listFileOf(cluster)))) return [];
    try {
      return [...readListedSystems(this.root, cluster).variables.keys()];
    } catch (error) {
      if (error instanceof ManifestError) return [];
      throw error;
    }
  }

  /** The newest version that a cluster of the repository has, also one that is to be removed. */
  private newest(key: SettingKey): string | undefined {
    const versions = listClusters(this.root).flatMap((name) => readClusterSettings(this.root, name).values[key] ?? []);
    return versions.reduce<string | undefined>(
      (best, one) => (best === undefined || isNewer(one, best) ? one : best),
      undefined,
    );
  }

  private at(index: number): KeyPlace {
    return (...path) => this.located.at('clusters', index, ...path);
  }
}

/** Whether a listed system reads a field that only a stack with a Cloudflare account fills. */
function needsCloudflare(cluster: string, listed: ListedSystems): boolean {
  return cloudflareItems(cluster).some((item) => readerOf(listed, item) !== undefined);
}

function isNewer(one: string, other: string): boolean {
  const [a, b] = [parseVersion(one), parseVersion(other)];
  return a !== undefined && (b === undefined || compareVersions(a, b) > 0);
}
