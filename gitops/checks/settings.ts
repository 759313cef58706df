import { type Json, type JsonMap, describeObject, identityOf, isMap, listOf, valueAt } from '../kubernetesObject';
import { locate, locateText, writtenAt } from '../locate';
import { sourcesOf } from '../sources';
import { type Tree, type TreeCluster, type TreeObject } from '../tree';
import { isAmbiguousScalar } from '../yamlFile';
import type { Check, RawFinding } from './check';
import { settingsMaps, settingsOf, substituteFrom, substitutedBy } from './facts/settings';
import { findingAt } from './finding';

/** How a cluster uses a setting: it needs a value, or it has a default. */
type Use = 'needed' | 'optional';

/**
 * The settings that a cluster uses: those that the program reads, that replacements copy, that manifests which it renders
 * substitute, and that a component of a listed system offers to apps.
 */
function usesOf(tree: Tree, cluster: TreeCluster): Map<string, Use> {
  const uses = new Map<string, Use>();
  const add = (name: string, hasDefault = false): void => {
    if (!hasDefault || !uses.has(name)) uses.set(name, hasDefault ? 'optional' : 'needed');
  };
  for (const name of tree.program?.settings ?? []) add(name);
  for (const secret of tree.program?.secrets ?? []) if ('setting' in secret) add(secret.setting);
  for (const object of cluster.objects) {
    if (substitutedBy(cluster, object) === undefined) continue;
    for (const { name, hasDefault } of object.variables) add(name, hasDefault);
  }
  for (const file of new Set(cluster.kustomizations.flatMap(({ files }) => files))) {
    for (const [, name = ''] of (tree.read(file) ?? '').matchAll(/^\s*fieldPath:\s*data\.(\w+)/gm)) add(name);
  }
  for (const text of offeredTo(tree, cluster)) {
    for (const [, name = '', more = ''] of text.matchAll(/\$\{(\w+)(:?[-=])?/g)) add(name, more !== '');
  }
  return uses;
}

/** The component files that an app may include at any time: those in a folder with the name of a listed Kustomization. */
function offeredTo(tree: Tree, cluster: TreeCluster): string[] {
  const names = new Set(cluster.kustomizations.map(({ name }) => name));
  const files = tree.files.filter((file) => names.has(/(?:^|\/)components\/([^/]+)\//.exec(file)?.[1] ?? ''));
  return files.map((file) => tree.read(file) ?? '');
}

/** A setting that neither a manifest of its cluster nor the program uses. */
export const settingUnused: Check = {
  id: 'setting-unused',
  severity: 'error',
  set: 'platform',
  why: 'Anyone who changes it expects the change to have an effect.',
  needs: 'wholeTree',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const used = usesOf(tree, cluster);
      // Which of these settings external sources use is unknown.
      const external = new Set(
        cluster.kustomizations
          .filter(({ skipped }) => skipped === 'external')
          .flatMap(({ object, namespace }) => substituteFrom(object, namespace)),
      );
      for (const map of settingsMaps(cluster)) {
        if (external.has(`${map.object.metadata.namespace ?? ''}/${map.object.metadata.name}`)) continue;
        for (const key of Object.keys(settingsOf(map)).filter((name) => !used.has(name))) {
          const what = `${key} is used neither by a manifest of this cluster nor by the program`;
          yield findingAt(tree, cluster, map, ['data', key], what, `remove it, or list the system that uses it`);
        }
      }
    }
  },
};

/** A setting that another cluster needs and lacks, without a stated reason. */
export const settingNotEverywhere: Check = {
  id: 'setting-not-everywhere',
  severity: 'error',
  set: 'platform',
  why: 'What works on one cluster fails on another if the setting was forgotten there.',
  *run(tree): Generator<RawFinding> {
    const maps = tree.clusters.flatMap((cluster) => {
      const uses = usesOf(tree, cluster);
      return settingsMaps(cluster).map((map) => ({ cluster, map, uses }));
    });
    for (const { cluster, map } of maps) {
      const others = maps.filter(
        (other) => other.cluster !== cluster && identityOf(other.map.object) === identityOf(map.object),
      );
      for (const key of Object.keys(settingsOf(map))) {
        const lacking = others.filter(
          ({ map: theirs, uses }) => !(key in settingsOf(theirs)) && uses.get(key) === 'needed',
        );
        const without = lacking.map((other) => other.cluster.name);
        if (without.length === 0) continue;
        const { file, line } = locate(tree, map, ['data', key]);
        if (endsInComment(sourcesOf(tree).lines(file)[line - 1] ?? '')) continue;
        const what = `${key} is set here but not on ${without.join(', ')}`;
        const todo = 'set it there too, or state the reason in a comment at the end of this line';
        yield findingAt(tree, cluster, map, ['data', key], what, todo);
      }
    }
  },
};

/** Whether a line ends in a comment that is not empty. */
function endsInComment(line: string): boolean {
  const unquoted = line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g, '""');
  return /\s#\s*\S/.test(unquoted);
}

/**
 * What a string becomes when Flux substitutes it, unquoted, as an entire value; undefined if it stays the same. Flux
 * reformats the YAML before it substitutes, so quotes around a variable do not help.
 */
export function becomes(text: string): string | undefined {
  if (/^(~|null|Null|NULL|)$/.test(text)) return 'null';
  if (/^(y|n|yes|no|on|off|true|false)$/i.test(text) && text !== 'true' && text !== 'false') return 'a boolean';
  if (isAmbiguousScalar(text)) return 'something else for some YAML parsers';
  if (/^0x[0-9a-f]+$|^0o[0-7]+$/i.test(text)) return `the number ${Number(text)}`;
  const decimal = /^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/.test(text);
  if (decimal && String(Number(text)) !== text) return `the number ${Number(text)}`;
  return undefined;
}

/** Which of these variables are an entire value, so that their type is inferred there; each with the first such file. */
function entireValues(tree: Tree, cluster: TreeCluster, names: ReadonlySet<string>): Map<string, string> {
  const found = new Map<string, string>();
  for (const object of cluster.objects) {
    if (!object.variables.some(({ name }) => names.has(name)) || substitutedBy(cluster, object) === undefined) continue;
    const walk = (value: Json | undefined): void => {
      const match = typeof value === 'string' ? /^\$\{(\w+)(:?[-=][^}]*)?\}$/.exec(value) : null;
      if (match?.[1] !== undefined && !found.has(match[1])) found.set(match[1], object.file);
      if (Array.isArray(value)) value.forEach(walk);
      else if (isMap(value)) Object.values(value).forEach(walk);
    };
    walk(writtenAt(tree, object, []) as Json | undefined);
  }
  return found;
}

/** A setting whose type changes on substitution. */
export const settingAmbiguous: Check = {
  id: 'setting-ambiguous',
  severity: 'error',
  set: 'platform',
  why: 'Flux drops the quotes: a string that looks like a number, a boolean or null becomes one.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const ambiguous = settingsMaps(cluster).flatMap((map) =>
        Object.entries(settingsOf(map)).flatMap(([key, value]) => {
          const result = becomes(value);
          return result === undefined ? [] : [{ map, key, value, result }];
        }),
      );
      const usedIn = entireValues(tree, cluster, new Set(ambiguous.map(({ key }) => key)));
      for (const { map, key, value, result } of ambiguous) {
        const file = usedIn.get(key);
        if (file !== undefined) {
          const what = `${key} is ${JSON.stringify(value)}, which becomes ${result} where it is the entire value (${file})`;
          const todo = 'use true, false, a plain decimal number, or a string that cannot be mistaken for one';
          yield findingAt(tree, cluster, map, ['data', key], what, todo);
        }
      }
    }
  },
};

/** Variables that every shell sets. */
const shellBuiltIns = new Set(
  'HOME HOSTNAME IFS OLDPWD OPTARG OPTIND PATH PPID PWD RANDOM SECONDS SHELL UID USER'.split(' '),
);

/** A use of a variable with a default: `${NAME:-value}`. `$$` is an escaped dollar sign, so it hides one. */
const usesWithDefault = /(?<!\$)(?:\$\$)*\$\{(\w+)(?::?[-=])/g;

/** The names that a script itself assigns. */
export function assignedIn(script: string): Set<string> {
  const names = new Set<string>();
  for (const [, name = ''] of script.matchAll(
    /(?:^|[;&|(]|\b(?:export|local|readonly|declare|then|do|else))\s*(\w+)\+?=/gm,
  ))
    names.add(name);
  for (const [, name = ''] of script.matchAll(/\bfor\s+(\w+)\s+in\b/g)) names.add(name);
  for (const [, list = ''] of script.matchAll(/\bread\s+((?:-\w+\s+)*\w+(?:[ \t]+\w+)*)/g)) {
    for (const name of list.split(/\s+/)) if (!name.startsWith('-')) names.add(name);
  }
  return names;
}

/** The variables in a script that belong to the shell, not to Flux: set by the shell, the script or the environment. */
export function shellUses(script: string, environment: ReadonlySet<string>): string[] {
  const assigned = assignedIn(script);
  const uses = [...script.matchAll(usesWithDefault)].map((match) => match[1] ?? '');
  return uses.filter(
    (name) => /^\d/.test(name) || shellBuiltIns.has(name) || assigned.has(name) || environment.has(name),
  );
}

/**
 * Whether a variable may belong to a script in a file: the shell sets it, or the file names it other than in a use. Tells
 * without parsing the file, which for most variables is not necessary.
 */
function mayBelongToShell(text: string, name: string): boolean {
  return /^\d/.test(name) || shellBuiltIns.has(name) || text.replaceAll(`\${${name}`, '').includes(name);
}

/** The strings in an object that a shell may run, each with the environment it runs in. */
function* scriptsIn(
  value: Json | undefined,
  environment: ReadonlySet<string>,
): Generator<[string, ReadonlySet<string>]> {
  if (typeof value === 'string') {
    if (value.includes('${')) yield [value, environment];
  } else if (Array.isArray(value)) for (const item of value) yield* scriptsIn(item, environment);
  else if (isMap(value)) {
    const inside = new Set([...environment, ...environmentOf(value)]);
    for (const [key, item] of Object.entries(value)) if (key !== 'env') yield* scriptsIn(item, inside);
  }
}

/** The names of the environment variables of a container. */
function environmentOf(container: JsonMap): string[] {
  const { env } = container;
  if (isMap(env)) return Object.keys(env);
  return listOf(env).flatMap((entry) => {
    const name = valueAt(entry, 'name');
    return typeof name === 'string' ? [name] : [];
  });
}

/** The scripts of an object before substitution; those of a generated object are in separate files. */
function* scriptsOf(tree: Tree, cluster: TreeCluster, object: TreeObject): Generator<[string, ReadonlySet<string>]> {
  if (!object.generated) {
    yield* scriptsIn(writtenAt(tree, object, []) as Json | undefined, new Set());
    return;
  }
  const owner = cluster.kustomizations.find(({ id }) => id === object.kustomization);
  for (const file of owner?.files ?? []) {
    if (!/\.ya?ml$/.test(file)) yield [sourcesOf(tree).lines(file).join('\n'), new Set()];
  }
}

/** A shell variable that Flux replaces. */
export const shellVariableEaten: Check = {
  id: 'shell-variable-eaten',
  severity: 'error',
  set: 'general',
  why: 'Flux substitutes the default before the shell sees the variable, so the script never gets its real value.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const object of cluster.objects) {
        const owner = substitutedBy(cluster, object);
        if (owner === undefined) continue;
        // A variable without a default is unset, which is reported separately; one with a setting may be intended.
        const replaced = new Set(
          object.variables
            .filter(({ name, hasDefault }) => hasDefault && owner.variables[name] === undefined)
            .filter(({ name }) => object.generated || mayBelongToShell(tree.read(object.file) ?? '', name))
            .map(({ name }) => name),
        );
        if (replaced.size === 0) continue;
        const names = new Set<string>();
        for (const [script, environment] of scriptsOf(tree, cluster, object)) {
          for (const name of shellUses(script, environment)) if (replaced.has(name)) names.add(name);
        }
        for (const name of [...names].sort()) yield shellFinding(tree, cluster, object, name);
      }
    }
  },
};

function shellFinding(tree: Tree, cluster: TreeCluster, object: TreeObject, name: string): RawFinding {
  const [at = { file: object.file, line: 1 }] = locateText(tree, object, `\${${name}:`).concat(
    locateText(tree, object, `\${${name}-`),
    locateText(tree, object, `\${${name}=`),
  );
  return {
    at,
    object: describeObject(object.object),
    what: `\${${name}…} is a shell variable, but Flux replaces it with its default`,
    todo: `write $\${${name}…}, or disable substitution with the annotation kustomize.toolkit.fluxcd.io/substitute: disabled`,
    clusters: [cluster.name],
  };
}
