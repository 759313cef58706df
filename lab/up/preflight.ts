import type { StepSink } from '../../tools/display/steps';
import type { PreflightResult } from '../../cli/preflight/print';
import { runCommand } from '../../clients/process/runCommand';
import type { LabContext } from '../context';
import { pulumiOwner } from '../executor/marker';
import { projectDir } from './project';
import { pulumiEnv } from './pulumiEnv';
import { clusterStep } from './stackSteps';

/** Program and arguments of `preflight` for a stack of the lab at `commit`. */
export function preflightProgram(ctx: LabContext, stack: string, commit: string, json: boolean): string[] {
  const flags = ['--stack', stack, '--cwd', projectDir(ctx.dir), '--commit', commit, ...(json ? ['--json'] : [])];
  return ctx.node('cli/preflight.ts', ...flags);
}

/** Runs `preflight` for a stack of the lab. Throws all failed checks, each with its fix. */
export async function mustPassPreflight(
  ctx: LabContext,
  stack: string,
  commit: string,
  display: StepSink,
  signal: AbortSignal,
): Promise<void> {
  const step = clusterStep(stack, 'preflight');
  display({ ...step, state: 'running' });
  const [file = '', ...args] = preflightProgram(ctx, stack, commit, true);
  const { stdout, stderr } = await runCommand({ file, args, cwd: ctx.root, env: pulumiEnv(ctx, pulumiOwner), signal });
  const result = parse(stdout);
  if (result === undefined) throw new Error(`stack ${stack}: preflight exited without a result:\n${stderr.trimEnd()}`);
  if (!result.ok) throw new Error(failedChecks(result));
  const passed = result.results.filter(({ state }) => state === 'ok').length;
  display({ ...step, state: 'done', detail: `${passed} checks passed` });
}

/** The message for a failed preflight: its failed checks only. */
export function failedChecks({ stack, results }: PreflightResult): string {
  const failed = results.filter(({ state }) => state === 'failed');
  return [
    `stack ${stack}: preflight failed, nothing was changed; rerun it with: npm run lab -- preflight --stack ${stack}`,
    ...failed.map(({ what, why, fix }) => `  ${what}: ${why}; ${fix}`),
  ].join('\n');
}

function parse(text: string): PreflightResult | undefined {
  try {
    return JSON.parse(text) as PreflightResult;
  } catch {
    return undefined;
  }
}
