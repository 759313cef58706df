import { spawn, type StdioOptions } from 'node:child_process';
import { UserError } from '../userError';

/** One run of an outside program. Nothing secret goes in `args` or `env`: other users of the machine can read them. */
export interface Command {
  file: string;
  args: readonly string[];
  /** Written to standard input; without it the program gets none. */
  input?: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Open files that the program has as descriptor 3 and on. */
  files?: readonly number[];
  signal: AbortSignal;
  /** How to get the program, for the message when it is not there. */
  howToGet?: string;
}

/** What a program left. */
export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

const graceMilliseconds = 3_000;

/**
 * Runs a program to its end and gives its exit code; throws if it cannot be started or was aborted. An abort sends
 * SIGTERM, then SIGKILL. The child stays in our process group, which the engine kills as a whole.
 */
export function runCommand(command: Command): Promise<CommandResult> {
  const { file, args, input, env, cwd, files = [], signal, howToGet } = command;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(abortError(file, signal));
    const stdio: StdioOptions = [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', ...files];
    const child = spawn(file, args, { env, cwd, stdio });
    let killTimer: NodeJS.Timeout | undefined;
    const stop = () => {
      child.kill('SIGTERM');
      killTimer = setTimeout(() => child.kill('SIGKILL'), graceMilliseconds);
    };
    signal.addEventListener('abort', stop, { once: true });
    const settle = () => {
      signal.removeEventListener('abort', stop);
      clearTimeout(killTimer);
    };
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
    // A program that fails before it has read its input closes the pipe; its exit code says why.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
    child.on('error', (error: NodeJS.ErrnoException) => {
      settle();
      const missing = error.code === 'ENOENT';
      reject(new UserError(missing ? `${file}: not found on PATH${howToGet ? `; ${howToGet}` : ''}` : error.message));
    });
    child.on('exit', () => {
      if (!signal.aborted) return;
      settle();
      // Its own children may hold the pipes open for as long as they like.
      child.stdout?.destroy();
      child.stderr?.destroy();
      reject(abortError(file, signal));
    });
    child.on('close', (code, killedBy) => {
      settle();
      const text = Buffer.concat(stderr).toString();
      resolve({
        code: code ?? 1,
        stdout: Buffer.concat(stdout).toString(),
        stderr: killedBy ? `${text}\n${file} was killed by ${killedBy}` : text,
      });
    });
  });
}

function abortError(file: string, signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return new UserError(`${file}: ${reason instanceof Error ? reason.message : 'stopped'}`);
}

/** The last lines of a program's output, for an error message. */
export function tailOf(text: string, lines = 20): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
