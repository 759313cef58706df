import { spawn } from 'node:child_process';
import type { PreflightResult } from '../../cli/preflight/print';
import type { LabContext } from '../context';
import { pulumiOwner } from '../executor/marker';
import { projectDir } from './project';
import { pulumiEnv } from './pulumiEnv';

/** Program and arguments of `preflight` for one stack of the lab, which follows `commit`. */
export function preflightProgram(ctx: LabContext, stack: string, commit: string, json: boolean): string[] {
  const flags = ['--stack', stack, '--cwd', projectDir(ctx.dir), '--commit', commit, ...(json ? ['--json'] : [])];
  return ctx.node('cli/preflight.ts', ...flags);
}

/** Asks `preflight` about a stack of the lab. Throws what is red, each with what to do, if anything is. */
export async function mustPassPreflight(
  ctx: LabContext,
  stack: string,
  commit: string,
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { stdout, stderr } = await run(ctx, preflightProgram(ctx, stack, commit, true), signal);
  signal.throwIfAborted();
  const result = parse(stdout);
  if (result === undefined) throw new Error(`stack ${stack}: preflight ended without a result:\n${stderr.trimEnd()}`);
  if (!result.ok) throw new Error(redLines(result));
  progress(`${stack}: preflight: ${result.lines.filter(({ state }) => state === 'ok').length} checks are green`);
}

/** What a red preflight says: its failed lines only. */
export function redLines({ stack, lines }: PreflightResult): string {
  const red = lines.filter(({ state }) => state === 'failed');
  return [
    `stack ${stack}: preflight is red, nothing was changed; ask again with: npm run lab -- preflight --stack ${stack}`,
    ...red.map(({ what, why, fix }) => `  ${what}: ${why}; ${fix}`),
  ].join('\n');
}

function parse(text: string): PreflightResult | undefined {
  try {
    return JSON.parse(text) as PreflightResult;
  } catch {
    return undefined;
  }
}

function run(
  ctx: LabContext,
  [program = '', ...args]: string[],
  signal: AbortSignal,
): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: ctx.root,
      env: pulumiEnv(ctx, pulumiOwner),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stop = (): void => void child.kill('SIGTERM');
    signal.addEventListener('abort', stop, { once: true });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', (error) => reject(new Error(`preflight could not be started: ${error.message}`)));
    child.on('close', () => {
      signal.removeEventListener('abort', stop);
      resolve({ stdout, stderr });
    });
  });
}
