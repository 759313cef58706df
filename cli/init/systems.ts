import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyPlace } from '../../cluster/keyPath';
import type { Problem } from '../../cluster/problems';
import { type Json, listOf, textOf, valueAt } from '../../gitops/kubernetesObject';
import { systemsFolder } from '../../gitops/systems';
import { readYamlFile } from '../../gitops/yamlFile';
import type { ClusterAnswers } from './answers';

/** What every cluster has. */
export const coreSystem = 'core';

/** A system that a cluster may list. */
export interface System {
  name: string;
  /** The Flux Kustomizations that it brings. */
  provides: string[];
  /** Those of other systems that its own depend on. */
  dependsOn: string[];
}

/** All systems of the tree, sorted by name. */
export function readSystems(root: string): System[] {
  const folder = join(root, systemsFolder);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return names.map(({ name }) => readSystem(root, name)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function readSystem(root: string, name: string): System {
  const objects = readYamlFile(root, `${systemsFolder}/${name}/ks.yaml`).map(({ value }) => value as Json);
  const kustomizations = objects.filter((object) => valueAt(object, 'kind') === 'Kustomization');
  const provides = kustomizations.map((object) => textOf(valueAt(object, 'metadata', 'name')));
  const all = kustomizations.flatMap((object) =>
    listOf(valueAt(object, 'spec', 'dependsOn')).map((entry) => textOf(valueAt(entry, 'name'))),
  );
  return { name, provides, dependsOn: [...new Set(all)].filter((other) => !provides.includes(other)) };
}

/** The systems that bring the same Flux Kustomization: a cluster lists at most one of them. */
export function alternativesOf(systems: readonly System[], name: string): string[] {
  const own = systems.find((system) => system.name === name)?.provides ?? [];
  return systems.filter(({ provides }) => provides.some((one) => own.includes(one))).map((system) => system.name);
}

/** What a cluster lists, and what was added to the answer because something in it depends on it. */
export interface ChosenSystems {
  /** `core` first, then sorted by name. */
  names: string[];
  added: { name: string; for: string }[];
  problems: Problem[];
}

/**
 * The systems of a cluster: those that it wants, and what they depend on.
 * @param listed the systems that clusters of the repository list, this cluster's first: of alternatives, `all` is theirs
 */
export function chooseSystems(
  { systems: wanted }: Pick<ClusterAnswers, 'systems'>,
  systems: readonly System[],
  listed: readonly string[],
  at: KeyPlace,
): ChosenSystems {
  const known = systems.map(({ name }) => name);
  const named = wanted === 'all' ? [] : Array.isArray(wanted) ? wanted : wanted.without;
  const path = (index: number): PropertyKey[] =>
    Array.isArray(wanted) ? ['systems', index] : ['systems', 'without', index];
  const problems = named.flatMap((name, index): Problem[] => {
    if (known.includes(name)) return [];
    const expected = `one of ${known.join(', ')}`;
    return [{ where: at(...path(index)), found: JSON.stringify(name), expected, fix: 'correct it' }];
  });
  const chosen = Array.isArray(wanted)
    ? wanted.filter((name) => known.includes(name))
    : withOneAlternative(systems, named, listed);
  const added = withDependencies([coreSystem, ...chosen], systems);
  const names = [...new Set([...chosen, ...added.found.map(({ name }) => name)])].filter((name) => name !== coreSystem);
  for (const group of conflicts(names, systems)) {
    const expected = `one of ${group.join(', ')}, which are alternatives`;
    const fix = Array.isArray(wanted) ? 'keep one of them' : 'leave the others out: systems: { without: [...] }';
    problems.push({ where: at('systems'), found: group.join(' and '), expected, fix });
  }
  for (const { name, by } of added.undecided) {
    const options = systems.filter(({ provides }) => provides.includes(name)).map((system) => system.name);
    const expected = options.length === 0 ? `a system with ${name}` : `one of ${options.join(', ')}`;
    const fix = options.length === 0 ? `remove ${by}` : `add one, or remove ${by}`;
    problems.push({ where: at('systems'), found: `${by}, which depends on ${name}`, expected, fix });
  }
  return { names: [coreSystem, ...names.sort()], added: added.found, problems };
}

/** All systems but those; of alternatives the one that clusters of the repository list. */
function withOneAlternative(
  systems: readonly System[],
  without: readonly string[],
  listed: readonly string[],
): string[] {
  const left = systems.map(({ name }) => name).filter((name) => !without.includes(name));
  return left.filter((name) => {
    const alternatives = alternativesOf(systems, name).filter((one) => left.includes(one));
    const theirs = listed.find((one) => alternatives.includes(one));
    return theirs === undefined || theirs === name;
  });
}

/** What systems depend on and lack: decided where only one system brings it. */
function withDependencies(names: readonly string[], systems: readonly System[]) {
  const found: ChosenSystems['added'] = [];
  const undecided: { name: string; by: string }[] = [];
  const queue = [...names];
  const has = new Set(names);
  const provided = (name: string): boolean =>
    systems.some((system) => has.has(system.name) && system.provides.includes(name));
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const by = next;
    for (const name of systems.find((system) => system.name === by)?.dependsOn ?? []) {
      if (provided(name)) continue;
      const [only, ...more] = systems.filter(({ provides }) => provides.includes(name));
      if (only === undefined || more.length > 0) {
        if (!undecided.some((other) => other.name === name)) undecided.push({ name, by });
        continue;
      }
      has.add(only.name);
      queue.push(only.name);
      found.push({ name: only.name, for: by });
    }
  }
  return { found, undecided };
}

/** The sets of chosen systems that bring the same Flux Kustomization. */
function conflicts(names: readonly string[], systems: readonly System[]): string[][] {
  const groups = names.map((name) => alternativesOf(systems, name).filter((other) => names.includes(other)));
  const several = groups.filter((group) => group.length > 1).map((group) => group.join());
  return [...new Set(several)].map((group) => group.split(','));
}
