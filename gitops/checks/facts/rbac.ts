import { type Json, groupOf, listOf, textOf, valueAt } from '../../kubernetesObject';
import type { TreeCluster, TreeObject } from '../../tree';
import { indexOf } from './clusterIndex';

const rbac = 'rbac.authorization.k8s.io';

/** A binding of a role to a ServiceAccount. */
export interface Binding {
  binding: TreeObject;
  role: { kind: string; name: string };
  /** The role's rules; undefined if Git does not hold the role. */
  rules?: readonly Json[];
}

/** The bindings in Git that give a ServiceAccount its rights. */
export function bindingsOf(cluster: TreeCluster, namespace: string, account: string): Binding[] {
  return cluster.objects.flatMap((binding): Binding[] => {
    const { object } = binding;
    if (groupOf(object) !== rbac || !['RoleBinding', 'ClusterRoleBinding'].includes(object.kind)) return [];
    const isBound = listOf(object['subjects']).some(
      (subject) =>
        valueAt(subject, 'kind') === 'ServiceAccount' &&
        valueAt(subject, 'name') === account &&
        textOf(valueAt(subject, 'namespace'), object.metadata.namespace) === namespace,
    );
    if (!isBound) return [];
    const role = { kind: textOf(valueAt(object['roleRef'], 'kind')), name: textOf(valueAt(object['roleRef'], 'name')) };
    const place = role.kind === 'Role' ? (object.metadata.namespace ?? '') : '';
    const declared = indexOf(cluster)
      .objects(role.kind, place, role.name)
      .find((found) => groupOf(found.object) === rbac);
    return [{ binding, role, ...(declared !== undefined && { rules: listOf(declared.object['rules']) }) }];
  });
}

/** Whether rules of a role allow a verb on a resource, whatever its name. */
export function allows(rules: readonly Json[], verb: string, group: string, resource: string): boolean {
  const has = (rule: Json, field: string, wanted: string): boolean => {
    const values = listOf(valueAt(rule, field));
    return values.includes('*') || values.includes(wanted);
  };
  return rules.some(
    (rule) => has(rule, 'verbs', verb) && has(rule, 'apiGroups', group) && has(rule, 'resources', resource),
  );
}

/** The resource of a kind in the API, by the rule that nearly all kinds follow. */
export function resourceOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (lower === 'endpoints') return lower;
  if (/(s|x|ch|sh)$/.test(lower)) return `${lower}es`;
  return /[^aeiou]y$/.test(lower) ? `${lower.slice(0, -1)}ies` : `${lower}s`;
}
