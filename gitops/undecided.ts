import type { Finding, NotChecked } from './checks/check';
import { listOf, valueAt } from './kubernetesObject';
import type { TreeCluster, TreeProblem } from './tree';

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

/** A finding that the rule could not decide after all. */
export function undecided({ id, object, clusters, file, line, what }: Finding, reason: string): NotChecked {
  return { rule: id, object, clusters, file, line, reason, what };
}

/** Whether a problem is a Secret with variables that is not in Git: many people create those by hand or by Terraform. */
export function isSecretOutsideGit(cluster: TreeCluster, { id, object, field = '' }: TreeProblem): boolean {
  if (id !== 'substitute-from-missing' || object === undefined) return false;
  const entries = listOf(valueAt(cluster.objects[object]?.object, 'spec', 'postBuild', 'substituteFrom'));
  return valueAt(entries[Number(/\[(\d+)\]/.exec(field)?.[1])], 'kind') === 'Secret';
}
