import { type Json, type JsonMap, describeObject, isMap, valueAt, listOf } from '../../kubernetesObject';
import { locateText, writtenAt } from '../../locate';
import { sourcesOf } from '../../sources';
import type { Tree, TreeCluster, TreeObject } from '../../tree';
import type { Check, RawFinding } from '../check';
import { substitutedBy } from './substitution';

/** Variables that every shell has, whoever runs it. */
const ofTheShell = new Set(
  'HOME HOSTNAME IFS OLDPWD OPTARG OPTIND PATH PPID PWD RANDOM SECONDS SHELL UID USER'.split(' '),
);

/** A use of a variable that brings its own value, in a text: `${NAME:-value}`. `$$` is a dollar sign and hides one. */
const usesWithDefault = /(?<!\$)(?:\$\$)*\$\{(\w+)(?::?[-=])/g;

/** Names that a script itself gives values to. */
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

/** The uses in a script that are the shell's, not Flux': names that it has by itself, or that no variable can have. */
export function shellUses(script: string, environment: ReadonlySet<string>): string[] {
  const assigned = assignedIn(script);
  const uses = [...script.matchAll(usesWithDefault)].map((match) => match[1] ?? '');
  return uses.filter((name) => /^\d/.test(name) || ofTheShell.has(name) || assigned.has(name) || environment.has(name));
}

/** The texts of an object that a shell may run, each with the environment that it runs in. */
function* scripts(value: Json | undefined, environment: ReadonlySet<string>): Generator<[string, ReadonlySet<string>]> {
  if (typeof value === 'string') {
    if (value.includes('${')) yield [value, environment];
  } else if (Array.isArray(value)) for (const item of value) yield* scripts(item, environment);
  else if (isMap(value)) {
    const inside = new Set([...environment, ...environmentOf(value)]);
    for (const [key, part] of Object.entries(value)) if (key !== 'env') yield* scripts(part, inside);
  }
}

/** Names of the variables that a container gets. */
function environmentOf(container: JsonMap): string[] {
  const { env } = container;
  if (isMap(env)) return Object.keys(env);
  return listOf(env).flatMap((entry) => {
    const name = valueAt(entry, 'name');
    return typeof name === 'string' ? [name] : [];
  });
}

/** Texts of an object as they are written, before substitution; those of a generated one are in files of their own. */
function* textsOf(tree: Tree, cluster: TreeCluster, object: TreeObject): Generator<[string, ReadonlySet<string>]> {
  if (!object.generated) {
    yield* scripts(writtenAt(tree, object, []) as Json | undefined, new Set());
    return;
  }
  const owner = cluster.kustomizations.find(({ id }) => id === object.kustomization);
  for (const file of owner?.files ?? []) {
    if (!/\.ya?ml$/.test(file)) yield [sourcesOf(tree).lines(file).join('\n'), new Set()];
  }
}

/** A variable of a shell that Flux replaces first. */
export const shellVariableEaten: Check = {
  id: 'shell-variable-eaten',
  severity: 'error',
  set: 'general',
  why: 'Flux puts in the default before the shell sees the variable, so the script never gets its real value.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const object of cluster.objects) {
        const owner = substitutedBy(cluster, object);
        if (owner === undefined) continue;
        // Without default the variable is unset, which is reported by itself; with a setting it may be meant.
        const eaten = new Set(
          object.variables
            .filter(({ name, hasDefault }) => hasDefault && owner.variables[name] === undefined)
            .map(({ name }) => name),
        );
        if (eaten.size === 0) continue;
        const names = new Set<string>();
        for (const [text, environment] of textsOf(tree, cluster, object)) {
          for (const name of shellUses(text, environment)) if (eaten.has(name)) names.add(name);
        }
        for (const name of [...names].sort()) yield finding(tree, cluster, object, name);
      }
    }
  },
};

function finding(tree: Tree, cluster: TreeCluster, object: TreeObject, name: string): RawFinding {
  const [at = { file: object.file, line: 1 }] = locateText(tree, object, `\${${name}:`).concat(
    locateText(tree, object, `\${${name}-`),
    locateText(tree, object, `\${${name}=`),
  );
  return {
    at,
    object: describeObject(object.object),
    what: `\${${name}…} is the shell's own variable, and Flux replaces it by its default`,
    todo: `write $\${${name}…}, or disable substitution with the annotation kustomize.toolkit.fluxcd.io/substitute: disabled`,
    clusters: [cluster.name],
  };
}
