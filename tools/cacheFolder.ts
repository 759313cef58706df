import { homedir } from 'node:os';
import { join } from 'node:path';

/** The only folder outside the checkout that the project writes to: tool binaries, Go's module and build caches. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'k8s-gitops');
}

/** Environment of every `go` child: caches in our folder, go.mod and go.sum read-only, static binaries. */
export function goEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const go = join(cacheFolder(env), 'go');
  return {
    ...env,
    GOMODCACHE: join(go, 'mod'),
    GOCACHE: join(go, 'build'),
    GOFLAGS: '-modcacherw -buildvcs=false -mod=readonly',
    GOWORK: 'off',
    CGO_ENABLED: '0',
    // The committed go.sum is the authority; some pinned modules are not in the public checksum database.
    GOSUMDB: 'off',
    // The compiler spends a quarter of its time on garbage collection; a machine that runs clusters has the memory.
    GOGC: env.GOGC ?? '400',
    GOMEMLIMIT: env.GOMEMLIMIT ?? '2GiB',
  };
}
