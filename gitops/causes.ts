import type { Finding } from './checks/check';

/**
 * One finding for each cause: what a rule says about the same line for several objects, such as a component that many
 * Kustomizations include, is one finding that names the others in `also`. Keeps the order.
 */
export function oneForEachCause(findings: readonly Finding[]): Finding[] {
  const causes = new Map<string, Finding>();
  for (const finding of findings) {
    const { file, line, id, todo } = finding;
    const key = JSON.stringify([file, line, id, withoutNames(finding, finding.what), withoutNames(finding, todo)]);
    const first = causes.get(key);
    if (first === undefined) {
      causes.set(key, { ...finding });
      continue;
    }
    first.clusters = [...new Set([...first.clusters, ...finding.clusters])].sort();
    if (finding.object === first.object || first.also?.includes(finding.object)) continue;
    first.also = [...(first.also ?? []), finding.object];
  }
  return [...causes.values()];
}

/** A text with the name and namespace of the finding's object replaced, as each object has its own. */
function withoutNames({ object }: Finding, text: string): string {
  const identity = object.slice(object.indexOf(' ') + 1);
  const names = [identity, ...identity.split('/')].filter((name) => name.length > 1);
  return names.reduce((result, name) => result.replaceAll(name, '…'), text);
}
