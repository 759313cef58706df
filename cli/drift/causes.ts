import { compareLayer, type Drift } from './drift';

/**
 * Leaves out what another finding explains, also through a third one, so that a cause is reported once. Of findings that explain
 * each other in a circle, the first stays; of findings about one object, those of the earliest layer: where a spec is not as
 * wanted, neither is what a controller makes of it. Pulumi comes last in this: it sees every resource, but the others know what
 * it is about.
 */
export function withoutExplained(findings: readonly Drift[]): Drift[] {
  const explainedBy = ({ object, aliases = [] }: Drift): Drift[] =>
    findings.filter(({ explains }) => [object, ...aliases].some((name) => explains?.includes(name)));
  const isConsequence = (finding: Drift): boolean =>
    explainedBy(finding).some((cause) => {
      if (cause.object === finding.object) return false;
      // A cause in a circle with this finding explains it only if it comes first.
      return !reaches(finding, cause, explainedBy) || findings.indexOf(cause) < findings.indexOf(finding);
    });
  const isRepeated = (finding: Drift): boolean =>
    findings.some((other) => other.object === finding.object && isBefore(other, finding));
  return findings.filter((finding) => !isConsequence(finding) && !isRepeated(finding));
}

function isBefore(other: Drift, finding: Drift): boolean {
  if (other.layer === finding.layer) return false;
  return finding.layer === 'pulumi' || (other.layer !== 'pulumi' && compareLayer(other, finding) < 0);
}

/** Whether a finding explains another one, directly or through others. */
function reaches(finding: Drift, other: Drift, explainedBy: (finding: Drift) => Drift[]): boolean {
  const seen = new Set<Drift>();
  const open = explainedBy(other);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === finding) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...explainedBy(next));
  }
  return false;
}
