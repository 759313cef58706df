import execa from 'execa';
import { UserError } from '../userError';

/** One run of an external program. Put no secrets in `args` or `env`: other users of the machine can read them. */
export interface Command {
  file: string;
  args: readonly string[];
  /** Written to standard input; without it, standard input is empty. */
  input?: string;
  /** The complete environment; defaults to that of this process. */
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Open files that the program inherits as descriptors 3 and up. */
  files?: readonly number[];
  signal: AbortSignal;
  /** How to install the program, for the error message if it is missing. */
  howToGet?: string;
}

/** Exit code and output of a program. */
export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

const graceMilliseconds = 3_000;

/**
 * Runs a program until it exits. An abort sends SIGTERM, then SIGKILL after three seconds. The child stays in our
 * process group, which the Pulumi engine kills as a unit.
 *
 * @throws UserError if the program cannot be started or the run is aborted; an exit code other than 0 is not an error
 */
export async function runCommand(command: Command): Promise<CommandResult> {
  const { file, args, input, env, cwd, files = [], signal, howToGet } = command;
  if (signal.aborted) throw abortError(file, signal);
  const child = execa(file, args, {
    input,
    env,
    extendEnv: false,
    cwd,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', ...files],
    stripFinalNewline: false,
    maxBuffer: Infinity,
    // execa must not install signal handlers: the caller's signal decides when the child stops.
    cleanup: false,
  });
  // A program that fails before it has read its input closes the pipe. execa would report that EPIPE and drop the exit
  // code and the output, which say why (runCommand.test.ts).
  child.stdin?.removeAllListeners('error').on('error', () => undefined);
  const stop = () => child.kill('SIGTERM', { forceKillAfterTimeout: graceMilliseconds });
  signal.addEventListener('abort', stop, { once: true });
  let aborted = false;
  void child.on('exit', () => {
    aborted = signal.aborted;
    if (!aborted) return;
    // execa waits until the pipes close, and grandchildren may keep them open indefinitely.
    child.stdout?.destroy();
    child.stderr?.destroy();
  });
  try {
    const result = await child.catch((error: execa.ExecaError) => error);
    if (aborted) throw abortError(file, signal);
    if (isStartFailure(result)) throw startError(result, file, howToGet);
    const { exitCode = 1, stdout, stderr, signal: killedBy } = result;
    return { code: exitCode, stdout, stderr: killedBy ? `${stderr}\n${file} was killed by ${killedBy}` : stderr };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

interface StartFailure {
  code?: string;
  /** Node's message, without the command line that execa prepends. */
  originalMessage?: string;
}

function isStartFailure(result: object): result is StartFailure {
  return 'originalMessage' in result;
}

function startError({ code, originalMessage }: StartFailure, file: string, howToGet?: string): Error {
  if (code !== 'ENOENT') return new UserError(originalMessage ?? `${file}: cannot be started`);
  return new UserError(`${file}: not found on PATH${howToGet ? `; ${howToGet}` : ''}`);
}

function abortError(file: string, signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return new UserError(`${file}: ${reason instanceof Error ? reason.message : 'stopped'}`);
}

/** The last lines of a program's output, for an error message. */
export function tailOf(text: string, lines = 20): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
