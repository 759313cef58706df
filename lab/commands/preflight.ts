import * as fs from 'node:fs';
import { readState } from '../state';
import { preflightProgram } from '../up/preflight';
import { projectDir } from '../up/project';
import { pulumiEnv } from '../up/pulumiEnv';
import { savedContext } from '../up/savedContext';
import { findCluster } from './kubectl';
import { runForeground } from './runForeground';

/** `lab preflight --stack s`: what `npm run preflight` is in production. Returns its exit code. */
export async function preflightCommand(root: string, stack: string, json: boolean): Promise<number> {
  const ctx = savedContext(root);
  findCluster(ctx, stack);
  const commit = readState(ctx.dir)?.commit;
  if (commit === undefined || !fs.existsSync(projectDir(ctx.dir))) {
    throw new Error('the lab has never been fully started; run `npm run lab -- up --services`');
  }
  const [program = '', ...args] = preflightProgram(ctx, stack, commit, json);
  return runForeground(program, args, { cwd: root, env: pulumiEnv(ctx, 'shell') });
}
