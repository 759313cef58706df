import execa from 'execa';
import { goEnvironment } from './cacheFolder';
import { ToolError } from './toolError';

/**
 * Runs `go` with the project's caches and returns its standard output.
 * The child leads its own process group, which is terminated when this process exits.
 * @throws ToolError if Go is missing or the command fails (with the last lines of its output)
 */
export async function runGo(args: readonly string[], cwd: string, more: NodeJS.ProcessEnv = {}): Promise<string> {
  const child = execa('go', args, {
    cwd,
    env: { ...goEnvironment(), ...more },
    extendEnv: false,
    stdin: 'ignore',
    detached: true,
    maxBuffer: Infinity,
    stripFinalNewline: false,
  });
  const stop = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    } catch {
      // Already gone.
    }
  };
  process.once('exit', stop);
  try {
    return (await child).stdout;
  } catch (error) {
    throw describeFailure(error as execa.ExecaError & { code?: string }, args[0] ?? '', cwd);
  } finally {
    process.removeListener('exit', stop);
  }
}

function describeFailure(error: execa.ExecaError & { code?: string }, command: string, cwd: string): Error {
  const { code, exitCode, signal, stdout, stderr } = error;
  if (code === 'ENOENT') {
    return new ToolError(
      'go: not found on PATH, but a pinned tool must be built with it.\n' +
        '  Fix: install Go 1.26 or later (https://go.dev/dl, or `mise install`), then run the command again.',
    );
  }
  // TypeScript's `exitCode: number` is wrong if the process was killed or never started.
  const outcome = signal ?? ((exitCode as number | undefined) === undefined ? undefined : `exit code ${exitCode}`);
  if (outcome === undefined) return error;
  const tail = `${stderr}\n${stdout}`.trim().split('\n').slice(-15).join('\n    ');
  return new ToolError(`go ${command} in ${cwd} failed with ${outcome}:\n    ${tail}`);
}
