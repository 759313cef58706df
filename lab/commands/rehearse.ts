import * as path from 'node:path';
import { takeLock } from '../lock';
import { pulumiEnv } from '../up/pulumiEnv';
import { savedContext } from '../up/savedContext';
import { findCluster } from './kubectl';
import { runForeground } from './runForeground';

/** `lab rehearse drift`: tampers with the running lab, one thing at a time. Returns the exit code: 0 if all were found, else 1. */
export async function rehearseDriftCommand(root: string, stack: string, args: readonly string[]): Promise<number> {
  const ctx = savedContext(root);
  findCluster(ctx, stack);
  const [program = '', ...command] = ctx.node('lab/rehearse/main.ts', '--stack', stack, ...args);
  const release = takeLock(path.join(root, '.lab'), 'rehearse drift');
  try {
    return await runForeground(program, command, { cwd: root, env: pulumiEnv(ctx, 'shell') });
  } finally {
    release();
  }
}
