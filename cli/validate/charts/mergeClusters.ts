import type { Finding } from '../../../gitops/checks/check';

/** Findings that say the same of several clusters, as one. */
export function mergeClusters(findings: readonly Finding[]): Finding[] {
  const merged = new Map<string, Finding>();
  for (const finding of findings) {
    const { clusters, ...same } = finding;
    const key = JSON.stringify(same);
    const all = [...(merged.get(key)?.clusters ?? []), ...clusters];
    merged.set(key, { ...finding, clusters: [...new Set(all)].sort() });
  }
  return [...merged.values()];
}
