import { spawn } from 'node:child_process';
import { goEnvironment } from './cacheFolder';
import { ToolError } from './toolError';

/**
 * Runs `go` with the project's caches and returns its standard output.
 * The child leads a process group of its own, which is ended with this process.
 * @throws ToolError when Go is missing or the command fails (with the last lines it printed).
 */
export function runGo(args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('go', args, { cwd, env: goEnvironment(), stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const stop = (): void => {
      if (child.pid !== undefined) {
        try {
          process.kill(-child.pid, 'SIGTERM');
        } catch {
          // Already gone.
        }
      }
    };
    process.once('exit', stop);
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err = (err + chunk.toString()).slice(-8000)));
    child.on('error', (error: NodeJS.ErrnoException) => {
      process.removeListener('exit', stop);
      reject(
        error.code === 'ENOENT'
          ? new ToolError(
              'go: not found on PATH, and a pinned tool has to be built with it.\n' +
                '  What to do: install Go 1.26 or later (https://go.dev/dl, or `mise install`), then run the command again.',
            )
          : error,
      );
    });
    child.on('close', (code, signal) => {
      process.removeListener('exit', stop);
      if (code === 0) {
        resolve(out);
        return;
      }
      const tail = `${err}\n${out}`.trim().split('\n').slice(-15).join('\n    ');
      reject(new ToolError(`go ${args[0] ?? ''} in ${cwd} ended with ${signal ?? `exit code ${code}`}:\n    ${tail}`));
    });
  });
}
