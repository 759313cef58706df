import { checks as allChecks } from './checks/all';
import type { Check, Finding, RawFinding } from './checks/check';
import { describeObject } from './kubernetesObject';
import { locate, locateText, writtenAt } from './locate';
import { problemKinds } from './problemKinds';
import { type ObjectPath, firstBadLine } from './sources';
import type { Location, Tree, TreeCluster, TreeObject, TreeProblem } from './tree';

/** Which rules are held against a tree. */
export interface FindingsOptions {
  /** Rules in place of all that there are. */
  checks?: readonly Check[];
  /** Only those that hold for any Flux repository. */
  general?: boolean;
}

/**
 * Everything that is wrong with a tree: what the renderer and the schemas reported and what the checks say, sorted by
 * file, line and id, equal findings of several clusters as one. A cluster whose entry point cannot be rendered has only
 * the renderer's own finding, because all else would follow from it.
 */
export function findFindings(tree: Tree, { checks = allChecks, general = false }: FindingsOptions = {}): Finding[] {
  const everywhere = tree.clusters.map(({ name }) => name);
  const unknown = new Set(
    tree.clusters.filter(({ kustomizations: [entry] }) => entry?.skipped === 'failed').map(byName),
  );
  const problems = tree.clusters.flatMap((cluster) =>
    cluster.problems
      .filter(({ id }) => !general || problemKinds[id]?.set !== 'platform')
      .map((problem) => toFinding(tree, cluster, problem)),
  );
  const said = checks
    .filter(({ set }) => !general || set === 'general')
    .flatMap((check) => [...check.run(tree)].map((raw) => complete(check, raw, everywhere)))
    .filter(({ clusters }) => clusters.length === 0 || clusters.some((name) => !unknown.has(name)));
  return merge([...problems, ...said]).sort(compareFindings);
}

const byName = ({ name }: TreeCluster): string => name;

function complete(check: Check, { at, object, what, todo, clusters }: RawFinding, everywhere: string[]): Finding {
  const { id, severity, why } = check;
  return { file: at.file, line: at.line, id, severity, object, clusters: clusters ?? everywhere, what, why, todo };
}

function toFinding(tree: Tree, cluster: TreeCluster, problem: TreeProblem): Finding {
  const id = idOf(tree, cluster, problem);
  const kind = problemKinds[id];
  if (kind === undefined) throw new Error(`the renderer reports ${id}, which gitops/problemKinds.ts does not know`);
  const { severity, why, todo } = kind;
  const object = problem.object === undefined ? undefined : cluster.objects[problem.object];
  const about = object === undefined ? `Kustomization ${problem.kustomization}` : describeObject(object.object);
  // Go's YAML reader counts lines from where a document begins; the finding names the file's own.
  const what = problem.what.replace(/yaml: line \d+: /, '');
  const at = placeOf(tree, cluster, problem);
  return { ...at, id, severity, object: about, clusters: [cluster.name], what, why, todo };
}

/** A value that a setting brought is a matter of the setting, not of the manifest's shape. */
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
  // The field's first line is not the variable's in a text of several lines, and a patch may have brought the text.
  const written = writtenAt(tree, object, path);
  const inField = typeof written === 'string' && written.includes(variable);
  const places = locateText(tree, object, variable);
  return places.find(({ file, line }) => inField && file === at.file && line >= at.line) ?? places[0] ?? at;
}

/** Reads a path as problems write it: `spec.values.list[0]`, and `labels[a.b/c]` for a key that holds dots. */
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

/** The order of findings: by file, line and id. */
export function compareFindings(a: Finding, b: Finding): number {
  const by = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
  return by(a.file, b.file) || a.line - b.line || by(a.id, b.id) || by(a.object, b.object) || by(a.what, b.what);
}
