import { pulumiSettings } from '../up/pulumiEnv';
import { savedContext } from '../up/savedContext';
import { findCluster, kubeSettings } from './kubectl';

/** `lab env`: shell exports that point pulumi, helm and (with `--cluster`) kubectl at the lab. Paths only, no secrets. */
export function envCommand(root: string, cluster: string | undefined, json: boolean): void {
  const ctx = savedContext(root);
  const settings = {
    ...pulumiSettings(ctx),
    ...(cluster === undefined ? {} : kubeSettings(ctx, findCluster(ctx, cluster))),
  };
  if (json) {
    process.stdout.write(`${JSON.stringify(settings, undefined, 2)}\n`);
    return;
  }
  for (const [name, value] of Object.entries(settings)) {
    process.stdout.write(`export ${name}='${value.replaceAll("'", `'\\''`)}'\n`);
  }
}
