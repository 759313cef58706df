import type { Finding } from '../../../gitops/checks/check';

/** Merges findings that differ only in their clusters. */
export function mergeClusters(findings: readonly Finding[]): Finding[] {
  const merged = new Map<string, Finding>();
  for (const finding of findings) {
    const { clusters, ...rest } = finding;
    const key = JSON.stringify(rest);
    const all = [...(merged.get(key)?.clusters ?? []), ...clusters];
    merged.set(key, { ...finding, clusters: [...new Set(all)].sort() });
  }
  return [...merged.values()];
}
