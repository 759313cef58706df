import { mkdirSync } from 'node:fs';
import { availableParallelism, homedir, totalmem } from 'node:os';
import { join } from 'node:path';
import { ToolError } from './toolError';

/** The only folder outside the checkout that the project writes to: tool binaries, Go's module and build caches. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'k8s-gitops');
}

/**
 * A folder in the cache folder, which is made if it is missing.
 * @throws ToolError if it cannot be made
 */
export function makeCacheFolder(...parts: string[]): string {
  const folder = join(cacheFolder(), ...parts);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    const isFile = code === 'ENOTDIR' || code === 'EEXIST';
    const why = isFile ? 'part of its path is a file' : code;
    throw new ToolError(
      `${folder}: cannot be made (${why}); correct XDG_CACHE_HOME or HOME, or the folder's permissions`,
    );
  }
  return folder;
}

/** Environment of every `go` child: caches in our folder, go.mod and go.sum read-only, static binaries. */
export function goEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const go = join(cacheFolder(env), 'go');
  return {
    ...env,
    GOMODCACHE: join(go, 'mod'),
    GOCACHE: join(go, 'build'),
    // No one debugs the binaries; without debug information, the compiler takes a tenth less time.
    GOFLAGS: '-modcacherw -buildvcs=false -mod=readonly -gcflags=all=-dwarf=false',
    GOWORK: 'off',
    CGO_ENABLED: '0',
    // The committed go.sum is the authority; some pinned modules are not in the public checksum database.
    GOSUMDB: 'off',
    // The compiler spends a quarter of its time on garbage collection; a machine that runs clusters has the memory.
    GOGC: env.GOGC ?? 'off',
    GOMEMLIMIT: env.GOMEMLIMIT ?? `${compilerMemory()}MiB`,
  };
}

/** Memory of one compiler process in MiB: two builds run together, each with one process per core. */
function compilerMemory(): number {
  const share = totalmem() / 2 / (2 * availableParallelism());
  return Math.round(Math.min(2048, Math.max(256, share / 2 ** 20)));
}
