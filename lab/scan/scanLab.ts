import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { LabContext } from '../context';
import { findMarked } from '../executor/marker';
import { runPulumi } from '../up/runPulumi';
import { collectSecrets } from './collectSecrets';
import { filesBelow } from './filesBelow';
import { Matcher, type Match } from './matcher';
import { secretPatternsOf } from './secretPatterns';
import { inStore, openStores } from './stores';

/** A secret that is where none may be. */
export interface Hit extends Match {
  place: string;
}

/** What a scan found. */
export interface ScanResult {
  secrets: number;
  /** How much was looked at, by kind of place. */
  looked: Record<string, { places: number; bytes: number }>;
  hits: Hit[];
  /** Stores, from `.lab`, that others than their owner can read. */
  open: string[];
}

// Git objects of the largest mirrored repository, unpacked, and then some.
const mostBytes = 1 << 30;

/**
 * Looks for every secret of the lab where none may be: its folder but for the stores, what Pulumi exports and plans, the
 * work tree and all Git objects, temporary folders, and the command lines of its processes. `since`: temporary files that
 * were not touched after it are left out.
 */
export async function scanLab(ctx: LabContext, since: Date, signal: AbortSignal): Promise<ScanResult> {
  const secrets = collectSecrets(ctx.dir);
  const matcher = new Matcher(secrets.flatMap(secretPatternsOf));
  const result: ScanResult = { secrets: secrets.length, looked: {}, hits: [], open: openStores(ctx.dir) };
  const look = (kind: string, place: string, content: Buffer): void => {
    const tally = (result.looked[kind] ??= { places: 0, bytes: 0 });
    tally.places += 1;
    tally.bytes += content.length;
    result.hits.push(...matcher.find(content).map((match) => ({ place, ...match })));
  };
  const lookAtFile = (kind: string, file: string): void => {
    const content = readIfThere(file);
    if (content !== undefined) look(kind, file, content);
  };

  for (const file of filesBelow(ctx.dir, (place) => inStore(path.relative(ctx.dir, place)))) lookAtFile('lab', file);
  for (const { name } of ctx.clusters) {
    for (const args of [
      ['stack', 'export'],
      ['preview', '--json'],
      ['preview', '--diff'],
    ]) {
      const { output } = await runPulumi(ctx, { args: [...args, '--stack', name], signal });
      look('pulumi', `pulumi ${args.join(' ')} of ${name}`, Buffer.from(output));
    }
  }
  for (const file of trackedFiles(ctx.root)) lookAtFile('work tree', path.join(ctx.root, file));
  for (const repository of repositories(ctx)) look('git', repository, allObjects(repository));
  for (const file of temporaryFiles(ctx.root, since)) lookAtFile('temporary', file);
  for (const pid of findMarked(ctx.dir)) {
    lookAtFile('command lines', `/proc/${pid}/cmdline`);
  }
  return result;
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined;
  }
}

function git(...args: string[]): Buffer {
  return execFileSync('git', args, { maxBuffer: mostBytes, stdio: ['ignore', 'pipe', 'ignore'] });
}

function trackedFiles(root: string): string[] {
  const files = git('-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard').toString();
  return files.split('\0').filter(Boolean);
}

/** The checkout's own repository and those that the lab serves. */
function repositories({ root, dir }: Pick<LabContext, 'root' | 'dir'>): string[] {
  const heads = [...filesBelow(path.join(dir, 'git'))].filter((file) => path.basename(file) === 'HEAD');
  const bare = heads.map((file) => path.dirname(file)).filter((folder) => fs.existsSync(path.join(folder, 'objects')));
  return [...bare, git('-C', root, 'rev-parse', '--absolute-git-dir').toString().trim()];
}

function allObjects(repository: string): Buffer {
  return git('-C', repository, 'cat-file', '--batch', '--batch-all-objects', '--unordered');
}

/** Files in temporary folders that were touched since; other checkouts, which have labs of their own, are left out. */
function* temporaryFiles(root: string, since: Date): Generator<string> {
  const bases = new Set([os.tmpdir(), ...(process.env.XDG_RUNTIME_DIR ? [process.env.XDG_RUNTIME_DIR] : [])]);
  for (const base of bases) {
    for (const name of fs.existsSync(base) ? fs.readdirSync(base) : []) {
      const place = path.join(base, name);
      if (place === root || fs.existsSync(path.join(place, 'package.json'))) continue;
      for (const file of filesBelow(place)) {
        const status = fs.lstatSync(file, { throwIfNoEntry: false });
        if (status !== undefined && status.mtime >= since) yield file;
      }
    }
  }
}
