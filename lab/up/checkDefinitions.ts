import { bootstrapKustomizations } from '../../cluster/bootstrapOrder';
import { checkClusters, readClusters } from '../../cluster/readClusters';
import { listStacks, projectName } from '../../cluster/stackFile';
import { renderCluster } from '../../gitops/render/renderCluster';
import { bootstrapInputs } from '../../stacks/bootstrapInputs';

/**
 * Runs the program's own checks of every stack and its manifests before the lab starts anything, so that what `pulumi up`
 * would refuse after minutes is refused immediately. Throws all problems of all stacks together.
 */
export function checkDefinitions(root: string): void {
  const problems = new Set<string>();
  const clusters = readClusters(listStacks(root), { root, project: root, projectName: projectName(root) });
  for (const { name, unreadable, error } of checkClusters(clusters)) {
    for (const message of [...unreadable, ...(error === undefined ? [] : [error.message])]) problems.add(message);
    if (unreadable.length > 0) continue;
    try {
      bootstrapInputs(renderCluster(root, name, bootstrapKustomizations));
    } catch (cause) {
      problems.add((cause as Error).message);
    }
  }
  if (problems.size > 0) throw new Error([...problems].join('\n'));
}
