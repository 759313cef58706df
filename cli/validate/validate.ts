import type { Finding } from '../../gitops/checks/check';
import { judge } from './checkTree';
import { loadTree } from './loadTree';
import { CannotTell, type CheckOptions, type NotChecked, type TreeOptions, type Validated } from './options';

/** What a further look at a tree found, such as at its charts. */
export interface FurtherLook {
  findings: Finding[];
  notChecked: NotChecked[];
  /** Whether it looked at charts. */
  charts?: boolean;
}

/**
 * Renders everything in Git as Flux does and holds every rule against it.
 * @param look looks at what rendering alone does not show; its findings may be exempted like others
 * @throws CannotTell when an option is wrong or the renderer fails
 * @throws ToolError when a tool or a schema cannot be had
 */
export async function validate(
  options: TreeOptions & CheckOptions,
  look: (tree: Validated['tree']) => Promise<FurtherLook> | FurtherLook = () => ({ findings: [], notChecked: [] }),
): Promise<Validated> {
  const start = process.hrtime.bigint();
  const tree = await loadTree(options);
  const unknown = (options.clusters ?? []).filter((name) => !tree.clusters.some((cluster) => cluster.name === name));
  if (unknown.length > 0) {
    const known = tree.clusters.map(({ name }) => name).join(', ');
    throw new CannotTell(`--cluster ${unknown.join(', ')}: there is no such cluster; there are: ${known}`);
  }
  const { findings, notChecked, charts } = await look(tree);
  const judged = judge(tree, options, findings, charts);
  const seconds = Math.round(Number(process.hrtime.bigint() - start) / 1e7) / 100;
  return { tree, result: { ...judged, notChecked, seconds } };
}
