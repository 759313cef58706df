import type { Finding } from './checks/check';

/**
 * One finding for each cause: what a rule says about the same line for several objects, such as a component that many
 * Kustomizations include, or what it gives the same `cause`, is one finding that names the other objects in `also`. Keeps
 * the order.
 */
export function oneForEachCause(findings: readonly Finding[]): Finding[] {
  const causes = new Map<string, Finding>();
  for (const finding of findings) {
    const { cause, overlap: _, ...reported } = finding;
    const key = JSON.stringify([finding.id, ...(cause === undefined ? placeOf(finding) : [cause])]);
    const first = causes.get(key);
    if (first === undefined) {
      causes.set(key, reported);
      continue;
    }
    first.clusters = [...new Set([...first.clusters, ...finding.clusters])].sort();
    if (finding.object === first.object || first.also?.includes(finding.object)) continue;
    first.also = [...(first.also ?? []), finding.object];
  }
  return [...causes.values()];
}

/**
 * Leaves out findings that only follow from others: artifacts that cannot be built because of a path that a rule reports at
 * the ArtifactGenerator itself; what the program refuses of a file, where Flux's renderer or a rule reports the same line;
 * unset variables, where the program says which setting the cluster lacks.
 */
export function withoutConsequences(findings: readonly Finding[]): readonly Finding[] {
  const hasPathMissing = findings.some(
    ({ id, object }) => id === 'source-path-missing' && object.startsWith('ArtifactGenerator '),
  );
  const lineOf = ({ file, line }: Finding): string => `${file}:${line}`;
  const lines = new Set(findings.filter(({ overlap }) => !overlap?.sameLine).map(lineOf));
  const lacking = findings.flatMap(({ overlap, clusters }) =>
    overlap?.setting === undefined ? [] : clusters.map((cluster) => `${cluster} ${overlap.setting}`),
  );
  const isExplained = ({ id, what, clusters }: Finding): boolean => {
    const variable = id === 'variable-unset' ? /\$\{(\w+)/.exec(what)?.[1] : undefined;
    return variable !== undefined && clusters.every((cluster) => lacking.includes(`${cluster} ${variable}`));
  };
  return findings.filter(
    (finding) =>
      !(hasPathMissing && finding.id === 'artifact-not-built') &&
      !(finding.overlap?.sameLine && lines.has(lineOf(finding))) &&
      !isExplained(finding),
  );
}

/** The line, and the message. */
function placeOf(finding: Finding): (string | number)[] {
  return [finding.file, finding.line, withoutNames(finding)];
}

/** What a finding says, without the name and namespace of its object, as each object has its own. */
function withoutNames({ object, what }: Finding): string {
  const identity = object.slice(object.indexOf(' ') + 1);
  const [namespace = '', name = identity] = identity.split('/');
  // A namespace may be called like a word of the text: default.
  const texts = [identity, name, `namespace ${namespace}`].filter((text) => text.length > 1);
  return texts.reduce((result, text) => result.replaceAll(wholeWord(text), '…'), what);
}

function wholeWord(text: string): RegExp {
  return new RegExp(`(?<![\\w-])${text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`, 'g');
}
