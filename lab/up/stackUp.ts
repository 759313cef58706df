import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import { needsSecret, secretConfigKeys, type SecretConfigKey } from '../../cluster/stackConfig';
import type { LabContext } from '../context';
import { receiveEvents } from './engineEvents';
import { changesOfLastUpdate } from './lastUpdate';
import { projectName } from '../../cluster/stackFile';
import { projectDir } from './project';
import { mustRunPulumi, runPulumi } from './runPulumi';
import { stackLocks } from './stackLocks';
import type { StackSteps } from './stackSteps';

/** Creates the stack if it is missing. Not concurrently: the first stack initializes the backend. */
export async function createStack(ctx: LabContext, stack: string, signal: AbortSignal): Promise<void> {
  const state = path.join(ctx.dir, 'pulumi', 'state');
  fs.mkdirSync(state, { recursive: true, mode: 0o700 });
  if (fs.existsSync(path.join(state, '.pulumi', 'stacks', projectName(ctx.root), `${stack}.json`))) return;
  await mustRunPulumi(ctx, { args: ['stack', 'init', stack, '--no-select'], signal });
}

/** Sets the stack's secrets if missing, and clears the lock of a killed run. */
export async function prepareStack(
  ctx: LabContext,
  stack: string,
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const project = projectName(ctx.root);
  const file = path.join(projectDir(ctx.dir), `Pulumi.${stack}.yaml`);
  const { config = {} } = parse(fs.readFileSync(file, 'utf8')) as { config?: Record<string, unknown> };
  const values: Record<SecretConfigKey, string> = {
    connectToken: ctx.secrets.connectReadToken,
    connectWriteToken: ctx.secrets.connectWriteToken,
    cloudflareApiToken: ctx.secrets.cloudflareApiToken,
  };
  for (const key of secretConfigKeys) {
    const own = { cloudflare: config[`${project}:cloudflare`] };
    if (config[`${project}:${key}`] !== undefined || !needsSecret(key, own)) continue;
    await mustRunPulumi(ctx, {
      args: ['config', 'set', '--secret', key, '--stack', stack],
      input: values[key],
      signal,
    });
  }
  const locks = stackLocks(ctx.dir, project, stack);
  const held = locks.find((lock) => lock.held);
  if (held !== undefined) {
    throw new Error(`stack ${stack} is in use by another Pulumi run (pid ${held.pid}); wait for it or stop it`);
  }
  if (locks.length > 0) {
    progress(`${stack}: the run that held the stack's lock is dead (pid ${locks[0]?.pid}); running pulumi cancel`);
    await mustRunPulumi(ctx, { args: ['cancel', '--yes', '--stack', stack], signal });
  }
}

/** Result of one `pulumi up`. */
export interface UpOutcome {
  /** Number of changed resources. */
  changes: number;
}

/** Runs `pulumi up` for a stack; its output is in `.lab/logs/pulumi-<stack>.log`, its events become `steps`. */
export async function upStack(
  ctx: LabContext,
  stack: string,
  steps: StackSteps,
  signal: AbortSignal,
): Promise<UpOutcome> {
  const log = ctx.path('logs', `pulumi-${stack}.log`);
  const events = await receiveEvents(steps.event);
  const { code, output } = await runPulumi(ctx, {
    args: ['up', '--yes', '--skip-preview', '--stack', stack, ...events.args],
    env: events.env,
    log,
    signal,
  }).finally(events.close);
  steps.end(code === 0 ? undefined : { log });
  signal.throwIfAborted();
  if (code !== 0) throw new Error(`stack ${stack}: pulumi up failed with exit code ${code}\n${diagnostics(output)}`);
  const historyArgs = ['stack', 'history', '--json', '--page-size', '1', '--stack', stack];
  const changes = changesOfLastUpdate((await mustRunPulumi(ctx, { args: historyArgs, signal })).stdout);
  if (changes === undefined)
    throw new Error(`stack ${stack}: the latest entry of its history is not this up; see ${log}`);
  return { changes };
}

/** False for the CLI's heartbeat dots, its notes about plugins from PATH, and empty lines. */
function isRelevant(line: string): boolean {
  return !/^@ |from \$PATH at|^\s*$/.test(line);
}

/** The "Diagnostics" section of Pulumi's output, or its last lines. */
function diagnostics(output: string): string {
  const lines = output.trimEnd().split('\n');
  const from = lines.findLastIndex((line) => line.startsWith('Diagnostics:'));
  const kept = from < 0 ? lines.slice(-20) : lines.slice(from + 1);
  return kept.filter(isRelevant).join('\n');
}
