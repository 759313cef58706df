import * as fs from 'node:fs';
import { projectDir } from '../up/project';
import { pulumiEnv } from '../up/pulumiEnv';
import { savedContext } from '../up/savedContext';
import { runForeground } from './runForeground';

/** `lab drift <args>`: what `npm run drift` is in production. Returns its exit code. */
export async function driftCommand(root: string, args: readonly string[]): Promise<number> {
  const ctx = savedContext(root);
  const project = projectDir(ctx.dir);
  if (!fs.existsSync(project)) throw new Error('the lab has no Pulumi project yet; `npm run lab` creates it');
  const [program = '', ...rest] = ctx.node('cli/drift.ts', '--cwd', project, ...args);
  return runForeground(program, rest, { cwd: root, env: pulumiEnv(ctx, 'shell') });
}
