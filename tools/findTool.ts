import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import execa from 'execa';
import { binaryProblem } from './binaryProblem';
import { cacheFolder } from './cacheFolder';
import type { Release } from './download/releases';
import { tools, type ToolName, type ToolSpec } from './manifest';
import { toolKey } from './toolKey';

/** The path of a tool's binary in the cache if it is built, whether or not it is. */
export function cachedPath(name: ToolName, toolsFolder: string): string {
  const spec: ToolSpec = tools[name];
  return binaryPath(name, toolKey(spec, toolsFolder));
}

/** The path of a tool's binary in the cache if it is downloaded, whether or not it is. */
export function downloadedPath(name: ToolName, release: Release): string {
  const { version } = tools[name];
  const key = createHash('sha256').update(JSON.stringify({ version, release })).digest('hex').slice(0, 16);
  return binaryPath(name, `${key}-downloaded`);
}

function binaryPath(name: ToolName, key: string): string {
  const spec: ToolSpec = tools[name];
  return join(cacheFolder(), 'tools', name, key, spec.binary ?? name);
}

function onPath(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** Whether the text that a tool prints for its version contains exactly this version. */
export function reportsVersion(text: string, version: string): boolean {
  const escaped = version.replace(/^v/, '').replaceAll('.', '\\.');
  return new RegExp(`(^|[^0-9.])${escaped}(?![0-9-]|\\.[0-9])`, 'm').test(text);
}

/** The problem with the version that a binary reports; undefined if it is the pinned one, or the tool reports none. */
export async function versionProblem(name: ToolName, binary: string): Promise<string | undefined> {
  const { version, versionArguments }: ToolSpec = tools[name];
  if (versionArguments === undefined) return undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      const { stdout } = await execa(binary, versionArguments, { stdin: 'ignore', timeout: 30_000 });
      return reportsVersion(stdout, version) ? undefined : `it reports ${JSON.stringify(stdout)}, expected ${version}`;
    } catch (error) {
      // A process that was forked while the binary was being written, such as a build, has it open until its exec.
      if ((error as NodeJS.ErrnoException).code === 'ETXTBSY' && attempt < 50) await sleep(100);
      else return `it cannot be run (${(error as execa.ExecaError).shortMessage}), expected ${version}`;
    }
  }
}

/** A tool on PATH, if its version is exactly the pinned one. */
export function findOnPath(name: ToolName): string | undefined {
  const spec: ToolSpec = tools[name];
  const candidate = spec.versionArguments && onPath(spec.binary ?? name);
  if (!candidate || !spec.versionArguments) return undefined;
  try {
    const { stdout } = execa.sync(candidate, spec.versionArguments, { stdin: 'ignore', timeout: 10_000 });
    return reportsVersion(stdout, spec.version) ? candidate : undefined;
  } catch {
    return undefined;
  }
}

function cacheCandidates(name: ToolName, toolsFolder: string, release?: Release): string[] {
  return [cachedPath(name, toolsFolder), ...(release ? [downloadedPath(name, release)] : [])];
}

/** A tool in the cache that can run: built, or downloaded if a release is given. */
export function findInCache(name: ToolName, toolsFolder: string, release?: Release): string | undefined {
  return cacheCandidates(name, toolsFolder, release).find(
    (candidate) => existsSync(candidate) && binaryProblem(candidate) === undefined,
  );
}

/**
 * Deletes what the cache has of a tool and cannot run, so that it is provided again: a disk that was full, a copy that was
 * interrupted. Callers hold the lock of the cache.
 * @returns a line for each
 */
export function removeBroken(name: ToolName, toolsFolder: string, release?: Release): string[] {
  return cacheCandidates(name, toolsFolder, release).flatMap((candidate) => {
    const problem = existsSync(candidate) ? binaryProblem(candidate) : undefined;
    if (problem === undefined) return [];
    rmSync(candidate, { recursive: true, force: true });
    return [`${candidate} ${problem}; it is provided again`];
  });
}
