import * as fs from 'node:fs';
import { projectDir } from '../up/project';
import { pulumiEnv } from '../up/pulumiEnv';
import { savedContext } from '../up/savedContext';
import { runForeground } from './runForeground';

/** `lab pulumi <args>`: the Pulumi CLI in the lab's project. Returns its exit code. */
export async function pulumiCommand(root: string, args: readonly string[]): Promise<number> {
  const ctx = savedContext(root);
  const cwd = projectDir(ctx.dir);
  if (!fs.existsSync(cwd)) throw new Error('the lab has no Pulumi project yet; `npm run lab` creates it');
  const program = ctx.plugins === 'official' ? 'pulumi' : ctx.tool('pulumi');
  return runForeground(program, args, { cwd, env: pulumiEnv(ctx, 'shell') });
}
