import { createHash } from 'node:crypto';
import * as path from 'node:path';
import { tools, type ToolName } from '../../tools/manifest';
import type { LabContext } from '../context';
import type { LabProcess } from '../executor/process';
import { writePrivate } from '../files';
import type { ConfigFile } from './remoteWrite';

/** The programs that a lab with observability runs. */
export const programs = ['victoria-metrics', 'victoria-logs', 'alertmanager', 'vmauth', 'vmalert', 'vmagent'] as const;
type Program = (typeof programs)[number];

/** Flags and their values; a flag may be there more than once. */
export type Flags = readonly (readonly [flag: string, value: string])[];

/** A program and what it is started with. */
export interface ProgramOptions {
  program: Program;
  /** Of the process: `vmagent-<cluster>`. */
  name: string;
  needs?: string[];
  flags: Flags;
  /** What it reads, with the names that the flags have below {@link configDir}. */
  files?: readonly ConfigFile[];
  ports: Record<string, number>;
  /** Path of a request that succeeds as soon as it is ready, and the port's purpose. */
  ready: { port: string; path: string; scheme?: 'https' };
}

/** The folder of what a process reads: passwords and keys among it. */
export function configDir(ctx: Pick<LabContext, 'path'>, name: string): string {
  return path.dirname(ctx.path('observability', name, 'file'));
}

/** The folder of what a process stores. */
export function dataDir(ctx: Pick<LabContext, 'path'>, name: string): string {
  return path.dirname(ctx.path('observed', name, 'file'));
}

/** The variable that restarts a process when one of its files changes. */
const digestVariable = 'LAB_CONFIG_DIGEST';

/** The process of a program. Writes its files. */
export function programProcess(ctx: LabContext, options: ProgramOptions): LabProcess {
  const { program, name, needs = [], flags, files = [], ports, ready } = options;
  const dir = configDir(ctx, name);
  const digest = createHash('sha256');
  for (const file of files) {
    writePrivate(path.join(dir, file.name), file.content);
    digest.update(file.name).update('\0').update(file.content).update('\0');
  }
  const dashes = program === 'alertmanager' ? '--' : '-';
  return {
    name,
    version: versionOf(program),
    real: true,
    needs,
    command: [ctx.tool(program), ...flags.map(([flag, value]) => `${dashes}${flag}=${value}`)],
    env: { [digestVariable]: digest.digest('hex').slice(0, 16) },
    ready: { kind: 'http', url: `${ready.scheme ?? 'http'}://127.0.0.1:${ports[ready.port] ?? 0}${ready.path}` },
    ports,
  };
}

const versionOf = (program: ToolName): string => tools[program].version;
