import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { LabContext } from '../context';
import { findMarked } from '../executor/marker';
import { runPulumi } from '../up/runPulumi';
import { collectSecrets } from './collectSecrets';
import { filesBelow } from './filesBelow';
import { Matcher, type Match } from './matcher';
import { secretPatternsOf } from './secretPatterns';
import { inStore, openStores } from './stores';
import { temporaryFiles } from './temporaryFiles';

/** A secret where it must not be. */
export interface Hit extends Match {
  place: string;
}

/** Result of a scan. */
export interface ScanResult {
  secrets: number;
  /** How much was searched, by kind of place. */
  looked: Record<string, { places: number; bytes: number }>;
  hits: Hit[];
  /** Stores that users other than the owner can read, relative to the checkout. */
  open: string[];
}

// Enough for the unpacked Git objects of the largest mirrored repository.
const maxBytes = 1 << 30;

/**
 * Searches for all secrets of the lab where they must not be: its folder except the stores, Pulumi's exports and plans, the
 * work tree and all Git objects, temporary folders, and the command lines of its processes.
 * @param since skips temporary files that were last modified before
 * @param progress gets a line per kind of place
 */
export async function scanLab(
  ctx: LabContext,
  since: Date,
  signal: AbortSignal,
  progress: (line: string) => void,
): Promise<ScanResult> {
  const secrets = collectSecrets(ctx.dir);
  const matcher = new Matcher(secrets.flatMap(secretPatternsOf));
  const result: ScanResult = { secrets: secrets.length, looked: {}, hits: [], open: openStores(ctx.dir) };
  const search = (kind: string, place: string, content: Buffer): void => {
    const tally = (result.looked[kind] ??= { places: 0, bytes: 0 });
    tally.places += 1;
    tally.bytes += content.length;
    result.hits.push(...matcher.find(content).map((match) => ({ place, ...match })));
  };
  const searchFile = (kind: string, file: string): void => {
    const content = readIfPresent(file);
    if (content !== undefined) search(kind, file, content);
  };

  progress(`searching the lab's folder for ${secrets.length} secrets`);
  for (const file of filesBelow(ctx.dir, (place) => inStore(path.relative(ctx.dir, place)))) searchFile('lab', file);
  for (const { name } of ctx.clusters) {
    for (const args of [
      ['stack', 'export'],
      ['preview', '--json'],
      ['preview', '--diff'],
    ]) {
      progress(`searching the output of pulumi ${args.join(' ')} of ${name}`);
      const { output } = await runPulumi(ctx, { args: [...args, '--stack', name], signal });
      search('pulumi', `pulumi ${args.join(' ')} of ${name}`, Buffer.from(output));
    }
  }
  progress('searching the work tree');
  for (const file of trackedFiles(ctx.root)) searchFile('work tree', path.join(ctx.root, file));
  for (const repository of repositories(ctx)) {
    progress(`searching all objects of ${repository}`);
    search('git', repository, allObjects(repository));
  }
  progress('searching temporary folders and command lines');
  for (const file of temporaryFiles(ctx.root, since)) searchFile('temporary', file);
  for (const pid of findMarked(ctx.dir)) {
    searchFile('command lines', `/proc/${pid}/cmdline`);
  }
  return result;
}

function readIfPresent(file: string): Buffer | undefined {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}

function git(...args: string[]): Buffer {
  return execFileSync('git', args, { maxBuffer: maxBytes, stdio: ['ignore', 'pipe', 'ignore'] });
}

function trackedFiles(root: string): string[] {
  const files = git('-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard').toString();
  return files.split('\0').filter(Boolean);
}

/** The checkout's repository and those that the lab serves. */
function repositories({ root, dir }: Pick<LabContext, 'root' | 'dir'>): string[] {
  const heads = [...filesBelow(path.join(dir, 'git'))].filter((file) => path.basename(file) === 'HEAD');
  const bare = heads.map((file) => path.dirname(file)).filter((folder) => fs.existsSync(path.join(folder, 'objects')));
  return [...bare, git('-C', root, 'rev-parse', '--absolute-git-dir').toString().trim()];
}

function allObjects(repository: string): Buffer {
  return git('-C', repository, 'cat-file', '--batch', '--batch-all-objects', '--unordered');
}
