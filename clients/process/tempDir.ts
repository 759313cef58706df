import { readFileSync } from 'node:fs';
import { chmod, lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const prefix = 'k8s-gitops-provider';

/** Where our folders go: the memory-backed folder of the user's session if there is one, else the system's. */
function baseDirectory(): string {
  return process.env.XDG_RUNTIME_DIR || tmpdir();
}

/**
 * Runs the work with a new folder that only we can read, and removes it afterwards, whatever happens. What a SIGKILL
 * leaves, `sweepTempDirs` of the next provider removes.
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

/** Removes folders that providers left which no longer run. Folders of others and of running providers stay. */
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

/** When a process started, in the kernel's ticks, so that a reused pid is not mistaken for it; '0' without /proc. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '0';
  } catch {
    return '0';
  }
}
