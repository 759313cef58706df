import { loadTree } from '../../cli/validate/loadTree';
import { KubernetesUnreachable } from '../../clients/kubernetes/errors';
import { type DryRunResult, dryRunCluster } from '../dryRun/dryRunCluster';
import { adminClient } from '../machines/adminClient';
import { savedContext } from '../up/savedContext';
import { findCluster } from './kubectl';

const exitCode = { accepted: 0, refused: 1 } as const;

/**
 * `lab dry-run`: sends what Git has to the API servers of the lab, which have every definition and policy installed, as
 * a dry run. Changes nothing. Returns the exit code.
 */
export async function dryRunCommand(root: string, json: boolean, progress: (line: string) => void): Promise<number> {
  const ctx = savedContext(root);
  // No schema check: the API servers' verdict is what counts here.
  const tree = await loadTree({ root, schemas: '', onProgress: progress });
  const results: DryRunResult[] = [];
  for (const cluster of tree.clusters) {
    const api = adminClient(ctx, findCluster(ctx, cluster.name));
    if (api === undefined) {
      throw new Error(`cluster ${cluster.name} is not bootstrapped yet; \`npm run lab\` bootstraps it`);
    }
    try {
      results.push(await dryRunCluster(tree, cluster, api));
    } catch (error) {
      if (!(error instanceof KubernetesUnreachable)) throw error;
      throw new Error(`${error.message}; \`npm run lab\` starts the lab`, { cause: error });
    } finally {
      api.close();
    }
  }
  process.stdout.write(json ? `${JSON.stringify(results, undefined, 2)}\n` : results.map(asText).join(''));
  return results.some(({ refused }) => refused.length > 0) ? exitCode.refused : exitCode.accepted;
}

function asText({ cluster, objects, refused, notSent }: DryRunResult): string {
  const lines = refused.map(({ object, file, line, message }) => `${file}:${line}: ${object}: ${message}`);
  lines.push(`${cluster}: ${objects - refused.length} of ${objects} objects accepted, ${refused.length} refused`);
  lines.push(...notSent.map(({ object, reason }) => `${cluster}: not sent: ${object}: ${reason}`));
  return `${lines.join('\n')}\n`;
}
