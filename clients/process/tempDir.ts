import { readFileSync } from 'node:fs';
import { chmod, lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const prefix = 'k8s-gitops-provider';

/** Parent of our folders: the memory-backed runtime folder of the user's session if set, otherwise the system's. */
function baseDirectory(): string {
  return process.env.XDG_RUNTIME_DIR || tmpdir();
}

/**
 * Runs the work with a new folder that only this user can read, and removes it afterwards in every case. If a SIGKILL
 * prevents that, `sweepTempDirs` of the next provider process removes it.
 */
export async function withTempDir<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(baseDirectory(), `${prefix}-${process.pid}-${startTime(process.pid)}-`));
  try {
    await chmod(directory, 0o700);
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Removes the folders of provider processes that no longer run, and no others. */
export async function sweepTempDirs(base = baseDirectory()): Promise<void> {
  const names = await readdir(base).catch(() => []);
  for (const name of names) {
    const [, pid, started] = /^k8s-gitops-provider-(\d+)-(\d+)-/.exec(name) ?? [];
    if (pid === undefined || started === undefined || isRunning(Number(pid), started)) continue;
    const path = join(base, name);
    const stat = await lstat(path).catch(() => undefined);
    if (!stat?.isDirectory() || stat.uid !== process.getuid?.()) continue;
    await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

function isRunning(pid: number, started: string): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return startTime(pid) === started;
}

/** Start time of a process in kernel ticks, which tells a reused pid from the original; '0' without /proc. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program name in parentheses and may contain any character.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
  } catch {
    return '0';
  }
}
