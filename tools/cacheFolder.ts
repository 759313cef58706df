import { homedir } from 'node:os';
import { join } from 'node:path';

/** The one folder outside the checkout that the project writes: tool binaries and Go's module and build caches. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'k8s-gitops');
}

/** Environment for every `go` child: caches in our folder, module files read-only as committed, static binaries. */
export function goEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const go = join(cacheFolder(env), 'go');
  return {
    ...env,
    GOMODCACHE: join(go, 'mod'),
    GOCACHE: join(go, 'build'),
    GOFLAGS: '-modcacherw -buildvcs=false -mod=readonly',
    GOWORK: 'off',
    CGO_ENABLED: '0',
    // The committed go.sum decides; some of the pinned modules are not in the public checksum database.
    GOSUMDB: 'off',
    // A quarter of the compiler's time is collecting garbage that a machine which runs clusters has room for.
    GOGC: env.GOGC ?? '400',
    GOMEMLIMIT: env.GOMEMLIMIT ?? '2GiB',
  };
}
