import { checkTree } from './checkTree';
import { loadTree } from './loadTree';
import { type CheckOptions, type ExtraChecks, type TreeOptions, type ValidatedTree, ValidateError } from './options';

/**
 * Renders everything in Git the way Flux does and runs every rule on it.
 * @param extraChecks checks what rendering alone does not show; its findings can be exempted like any other
 * @throws ValidateError if an option is invalid or the renderer fails
 * @throws ToolError if a tool or a schema is not available
 */
export async function validate(
  options: TreeOptions & CheckOptions,
  extraChecks: (tree: ValidatedTree['tree']) => Promise<ExtraChecks> | ExtraChecks = () => ({
    findings: [],
    notChecked: [],
  }),
): Promise<ValidatedTree> {
  const start = process.hrtime.bigint();
  const tree = await loadTree(options);
  const unknown = (options.clusters ?? []).filter((name) => !tree.clusters.some((cluster) => cluster.name === name));
  if (unknown.length > 0) {
    const known = tree.clusters.map(({ name }) => name).join(', ');
    throw new ValidateError(`--cluster ${unknown.join(', ')}: no such cluster; use one of: ${known}`);
  }
  const extra = await extraChecks(tree);
  const checked = checkTree(
    extra.chartObjects === undefined ? tree : { ...tree, chartObjects: extra.chartObjects },
    options,
    extra,
  );
  const seconds = Math.round(Number(process.hrtime.bigint() - start) / 1e7) / 100;
  return { tree, result: { ...checked, seconds } };
}
