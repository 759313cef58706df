import execa from 'execa';

/** Result of a command and its wall time. */
export interface Timed {
  seconds: number;
  /** Exit code; null if a signal killed the command. */
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs a command and measures its wall time.
 * @throws if the command cannot be started
 */
export async function timed(file: string, args: readonly string[], cwd: string): Promise<Timed> {
  const start = process.hrtime.bigint();
  const command = execa(file, args, { cwd, stdin: 'ignore', maxBuffer: Infinity });
  const { exitCode, stdout, stderr } = await command.catch((error: execa.ExecaError) => {
    if (error.exitCode !== undefined || error.signal !== undefined) return error;
    throw error;
  });
  const seconds = Math.round(Number(process.hrtime.bigint() - start) / 1e6) / 1000;
  return { seconds, code: exitCode ?? null, stdout, stderr };
}

/** The median; for an even count the mean of the two middle values. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const [low = NaN, high = NaN] =
    sorted.length % 2 === 1 ? [sorted[half], sorted[half]] : sorted.slice(half - 1, half + 1);
  return Math.round(((low + high) / 2) * 1000) / 1000;
}
