import { type Json, groupOf, isMap, listOf, valueAt } from '../../kubernetesObject';
import type { TreeCluster } from '../../tree';
import { indexOf } from './clusterIndex';
import { selects } from './pods';

/** The label with the namespace's name, which Kubernetes itself sets. */
const nameLabel = 'kubernetes.io/metadata.name';

/** Whether a label selector fits a namespace; a text says why that is unknown. */
export function selectsNamespaceByLabel(
  cluster: TreeCluster,
  selector: Json | undefined,
  name: string,
): boolean | string {
  const declared = indexOf(cluster)
    .objects('Namespace', '', name)
    .filter(({ object }) => groupOf(object) === '');
  const matchLabels = valueAt(selector, 'matchLabels');
  const keys: unknown[] = [
    ...Object.keys(isMap(matchLabels) ? matchLabels : {}),
    ...listOf(valueAt(selector, 'matchExpressions')).map((expression) => valueAt(expression, 'key')),
  ];
  if (declared.length === 0 && keys.some((key) => key !== nameLabel)) {
    return 'Git does not hold the labels of the namespace';
  }
  const own = declared.map(({ object }) => valueAt(object.metadata, 'labels')).find(isMap);
  return selects(selector, { ...own, [nameLabel]: name });
}
