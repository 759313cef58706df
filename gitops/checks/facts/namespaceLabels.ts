import { type Json, groupOf, isMap, valueAt } from '../../kubernetesObject';
import type { TreeCluster } from '../../tree';
import { indexOf } from './clusterIndex';
import { keysOf } from './labelSelectors';
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
  if (declared.length === 0 && keysOf(selector).some((key) => key !== nameLabel)) {
    return 'Git does not hold the labels of the namespace';
  }
  const own = declared.map(({ object }) => valueAt(object.metadata, 'labels')).find(isMap);
  return selects(selector, { ...own, [nameLabel]: name });
}
