import { checks as allChecks } from './checks/registry';
import type { Check, Finding, NotChecked, RawFinding } from './checks/check';
import { notCheckedAt } from './checks/finding';
import { describeObject } from './kubernetesObject';
import { locate, locateText, writtenAt } from './locate';
import { describeNotChecked, mergeNotChecked } from './notChecked';
import { problemKinds } from './problemKinds';
import { type ObjectPath, firstBadLine } from './sources';
import { withoutConsequences } from './causes';
import { undecided, whyUndecided, withoutUnknownValues } from './undecided';
import { type Location, type Tree, type TreeCluster, type TreeObject, type TreeProblem, isComplete } from './tree';

/** Which rules are applied to a tree. */
export interface FindingsOptions {
  /** Rules to run instead of all of them. */
  checks?: readonly Check[];
  /** Run only the rules that apply to any Flux repository. */
  general?: boolean;
}

/** What the rules say about a tree. */
export interface Verdict {
  findings: Finding[];
  /** What rules could not decide, in the order of the rules. */
  notChecked: NotChecked[];
  /** How many places each rule looked at, by id, for the rules that count them. */
  places: Record<string, number>;
}

/**
 * All findings of a tree: what the renderer and the schemas reported, plus the results of the checks. Sorted by file,
 * line and id, with identical findings of several clusters merged. A cluster whose entry point cannot be rendered only
 * gets the renderer's own finding, because all others would merely follow from it.
 */
export function collectFindings(tree: Tree, { checks = allChecks, general = false }: FindingsOptions = {}): Verdict {
  const allClusters = tree.clusters.map(({ name }) => name);
  const notRendered = new Set(
    tree.clusters.filter(({ kustomizations: [entry] }) => entry?.skipped === 'failed').map(byName),
  );
  const problems: Finding[] = [];
  const checkFindings: Finding[] = [];
  const notChecked: NotChecked[] = [];
  for (const cluster of tree.clusters) {
    for (const problem of cluster.problems) {
      if (general && problemKinds[problem.id]?.set === 'platform') continue;
      const finding = toFinding(tree, cluster, problem);
      const unknown = whyUndecided(cluster, problem, general);
      if (unknown === undefined) problems.push(finding);
      else notChecked.push(undecided(finding, unknown));
    }
  }
  const places: Record<string, number> = {};
  for (const check of checks.filter(({ set }) => !general || set === 'general')) {
    for (const raw of runCheck(check, tree)) {
      if ('places' in raw) places[check.id] = (places[check.id] ?? 0) + raw.places;
      else if ('reason' in raw) notChecked.push(describeNotChecked(tree, check.id, raw));
      else checkFindings.push(complete(check, raw, allClusters));
    }
  }
  const isRendered = ({ clusters }: { clusters: string[] }): boolean =>
    clusters.length === 0 || clusters.some((name) => !notRendered.has(name));
  const all = withoutConsequences([...problems, ...checkFindings.filter(isRendered)]);
  const { known, unknown } = withoutUnknownValues(all);
  return {
    findings: merge(known).sort(compareFindings),
    notChecked: mergeNotChecked([...notChecked.filter(isRendered), ...unknown]),
    places,
  };
}

/** Runs a check where it can decide: `needs` says what has to be rendered completely. */
function* runCheck(check: Check, tree: Tree): ReturnType<Check['run']> {
  const incomplete = tree.clusters.filter((cluster) => !isComplete(cluster));
  if (check.needs === undefined || incomplete.length === 0) {
    yield* check.run(tree);
    return;
  }
  for (const cluster of incomplete) {
    yield notCheckedAt(cluster, undefined, [], 'a Kustomization cannot be rendered', 'what the cluster lacks');
  }
  if (check.needs === 'wholeTree') return;
  yield* check.run({ ...tree, clusters: tree.clusters.filter((cluster) => !incomplete.includes(cluster)) });
}

const byName = ({ name }: TreeCluster): string => name;

function complete(check: Check, { at, clusters, ...raw }: RawFinding, allClusters: string[]): Finding {
  const { id, severity, why } = check;
  return { file: at.file, line: at.line, id, severity, clusters: clusters ?? allClusters, why, ...raw };
}

function toFinding(tree: Tree, cluster: TreeCluster, problem: TreeProblem): Finding {
  const id = idOf(tree, cluster, problem);
  const kind = problemKinds[id];
  if (kind === undefined) throw new Error(`the renderer reported ${id}, which is missing in gitops/problemKinds.ts`);
  const { severity, why, todo } = kind;
  const object = problem.object === undefined ? undefined : cluster.objects[problem.object];
  const about = object === undefined ? `Kustomization ${problem.kustomization}` : describeObject(object.object);
  // Go's YAML parser counts lines from the start of the document; the finding reports the line in the file.
  const what = problem.what.replace(/yaml: line \d+: /, '');
  const at = placeOf(tree, cluster, problem);
  const finding = { ...at, id, severity, object: about, clusters: [cluster.name], what, why, todo };
  const below = id === 'path-missing' ? folderAbove(tree, cluster, problem) : undefined;
  if (below === undefined) return finding;
  const root = `pass the folder ${below} as --root if the source is built from there; otherwise ${todo}`;
  return { ...finding, todo: root, cause: `root ${below}` };
}

/** The folder of the repository that has a path, if the repository itself does not: a source may be built from it. */
function folderAbove(tree: Tree, cluster: TreeCluster, { kustomization }: TreeProblem): string | undefined {
  const path = cluster.kustomizations.find(({ id }) => id === kustomization)?.path;
  if (path === undefined || path === '') return undefined;
  const inside = tree.files.find((file) => file.includes(`/${path}/`));
  return inside?.slice(0, inside.indexOf(`/${path}/`));
}

/** A schema violation in a substituted value is the setting's fault, not the manifest's. */
function idOf(tree: Tree, cluster: TreeCluster, { id, object, field }: TreeProblem): string {
  const about = object === undefined ? undefined : cluster.objects[object];
  if (id !== 'schema-invalid' || about === undefined || field === undefined) return id;
  const written = writtenAt(tree, about, parsePath(field));
  return typeof written === 'string' && /\$\{\w/.test(written.replaceAll('$${', '')) ? 'setting-type' : id;
}

function placeOf(tree: Tree, cluster: TreeCluster, problem: TreeProblem): Location {
  const { file, line = 1, field = '', kustomization } = problem;
  const object = problem.object === undefined ? undefined : cluster.objects[problem.object];
  if (object !== undefined) return placeIn(tree, object, parsePath(field), problem);
  if (file !== undefined && problem.id === 'not-yaml')
    return { file, line: firstBadLine(tree.read(file) ?? '') ?? line };
  if (file !== undefined) return { file, line };
  const owner = cluster.kustomizations.find(({ id }) => id === kustomization);
  return { file: owner?.file ?? cluster.entry, line };
}

function placeIn(tree: Tree, object: TreeObject, path: ObjectPath, { id, what }: TreeProblem): Location {
  const variable = id.startsWith('variable-') ? /\$\{\w+/.exec(what)?.[0] : undefined;
  const at = locate(tree, object, path);
  if (variable === undefined) return at;
  // In a multi-line string the variable is not on the field's first line, and a patch may have added the string.
  const written = writtenAt(tree, object, path);
  const inField = typeof written === 'string' && written.includes(variable);
  const places = locateText(tree, object, variable);
  return places.find(({ file, line }) => inField && file === at.file && line >= at.line) ?? places[0] ?? at;
}

/** Parses the path of a problem: `spec.values.list[0]`, or `labels[a.b/c]` for a key that contains dots. */
export function parsePath(text: string): ObjectPath {
  return [...text.matchAll(/\[([^\]]*)\]|[^.[]+/g)].map(([whole, inside]) => {
    if (inside === undefined) return whole;
    return /^\d+$/.test(inside) ? Number(inside) : inside.replace(/^"(.*)"$/, '$1');
  });
}

function merge(findings: readonly Finding[]): Finding[] {
  const merged = new Map<string, Finding>();
  for (const finding of findings) {
    const { clusters, ...rest } = finding;
    const key = JSON.stringify([rest.file, rest.line, rest.id, rest.object, rest.what, rest.todo]);
    const all = [...(merged.get(key)?.clusters ?? []), ...clusters];
    merged.set(key, { ...finding, clusters: [...new Set(all)].sort() });
  }
  return [...merged.values()];
}

/** Sorts findings by file, line and id. */
export function compareFindings(a: Finding, b: Finding): number {
  const by = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
  return by(a.file, b.file) || a.line - b.line || by(a.id, b.id) || by(a.object, b.object) || by(a.what, b.what);
}
