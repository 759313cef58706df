import type { Finding, NotChecked } from './checks/check';
import { type Json, listOf, valueAt } from './kubernetesObject';
import { type TreeCluster, type TreeProblem, isComplete } from './tree';

/** What the renderer writes for values that Git does not hold in clear text; tools/flux-render has the same. */
const placeholders = ['sops-encrypted', 'value-of-an-external-secret'];

/**
 * Separates the findings that rest on a value that cannot be read here: one that SOPS encrypts, or that an external secret
 * provides. The rules see a placeholder, and say so in what they report.
 */
export function withoutUnknownValues(findings: readonly Finding[]): { known: Finding[]; unknown: NotChecked[] } {
  const restsOnPlaceholder = ({ what, object, todo }: Finding): boolean =>
    placeholders.some((text) => what.includes(text) || object.includes(text) || todo.includes(text));
  return {
    known: findings.filter((finding) => !restsOnPlaceholder(finding)),
    unknown: findings
      .filter(restsOnPlaceholder)
      .map((finding) => undecided(finding, 'a value is encrypted, or comes from an external secret')),
  };
}

/** Whether a value, or one in it, is such a placeholder or contains one. */
export function hasUnknownValue(value: Json): boolean {
  const text = JSON.stringify(value);
  return placeholders.some((placeholder) => text.includes(placeholder));
}

/** A finding that the rule could not decide after all. */
export function undecided({ id, object, clusters, file, line, what }: Finding, reason: string): NotChecked {
  return { rule: id, object, clusters, file, line, reason, what };
}

/**
 * Why the renderer could not decide about settings that it found nowhere; undefined if they do not exist. In another
 * repository, a Secret may be created by hand or by Terraform.
 */
export function whyUndecided(cluster: TreeCluster, problem: TreeProblem, general: boolean): string | undefined {
  const { id, object, field = '' } = problem;
  if (id !== 'substitute-from-missing') return undefined;
  if (!isComplete(cluster)) return 'a Kustomization cannot be rendered';
  if (!general || object === undefined) return undefined;
  const entries = listOf(valueAt(cluster.objects[object]?.object, 'spec', 'postBuild', 'substituteFrom'));
  const isSecret = valueAt(entries[Number(/\[(\d+)\]/.exec(field)?.[1])], 'kind') === 'Secret';
  return isSecret ? 'Git has no such Secret; it may be created elsewhere (--settings)' : undefined;
}
