import { loadTree } from '../../cli/validate/loadTree';
import { type DryRunResult, admitCluster } from '../dryRun/dryRunCluster';
import { UnreachableError } from '../agent/kubeApi';
import { connect } from '../up/podRecorder';
import { savedContext } from '../up/savedContext';
import { findCluster } from './kubectl';

/** How the command ended: everything admitted, or something refused. */
const code = { admitted: 0, refused: 1 } as const;

/**
 * `lab admit`: asks the API servers of the lab, which have every definition and policy installed, whether they would take
 * what Git holds. Changes nothing. Returns the exit code.
 */
export async function dryRunCommand(root: string, json: boolean, progress: (line: string) => void): Promise<number> {
  const ctx = savedContext(root);
  // The API servers' own judgement is asked for, not that of our schemas.
  const tree = await loadTree({ root, schemas: '', onProgress: progress });
  const admissions: DryRunResult[] = [];
  for (const cluster of tree.clusters) {
    const api = connect(ctx, findCluster(ctx, cluster.name));
    if (api === undefined) throw new Error(`cluster ${cluster.name} is not bootstrapped yet; \`npm run lab\` does it`);
    try {
      admissions.push(await admitCluster(tree, cluster, api));
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      throw new Error(`${error.message}; \`npm run lab\` raises the lab`, { cause: error });
    } finally {
      api.close();
    }
  }
  process.stdout.write(json ? `${JSON.stringify(admissions, undefined, 2)}\n` : admissions.map(asText).join(''));
  return admissions.some(({ refused }) => refused.length > 0) ? code.refused : code.admitted;
}

function asText({ cluster, objects, refused, notSent }: DryRunResult): string {
  const lines = refused.map(({ object, file, line, message }) => `${file}:${line}: ${object}: ${message}`);
  lines.push(`${cluster}: ${objects - refused.length} of ${objects} objects admitted, ${refused.length} refused`);
  lines.push(...notSent.map(({ object, reason }) => `${cluster}: not sent: ${object}: ${reason}`));
  return `${lines.join('\n')}\n`;
}
