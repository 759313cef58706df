import execa from 'execa';
import { ValidateError } from './options';

/**
 * Sends the renderer a request and returns its response, both JSON. Its log goes to `onLog`. The renderer is terminated
 * with this process.
 * @throws ValidateError if it does not start, rejects the request or does not answer with JSON
 */
export async function runRenderer<Response>(
  binary: string,
  request: object,
  onLog: (line: string) => void = () => undefined,
): Promise<Response> {
  const renderer = execa(binary, [], { input: JSON.stringify(request), maxBuffer: Infinity });
  // A renderer that exits before it has read its input says why itself; execa would report the broken pipe instead.
  renderer.stdin?.removeAllListeners('error').on('error', () => undefined);
  const { exitCode, signal, stdout, stderr } = await renderer.catch((error: execa.ExecaError) => {
    if (error.exitCode !== undefined || error.signal !== undefined) return error;
    throw new ValidateError(`${binary}: does not start: ${error.originalMessage}`);
  });
  const log = stderr.trim();
  if (exitCode !== 0)
    throw new ValidateError(`the renderer failed (${signal ?? exitCode}): ${log || 'no error output'}`);
  for (const line of log.split('\n')) if (line !== '') onLog(line);
  try {
    return JSON.parse(stdout) as Response;
  } catch {
    throw new ValidateError(`the renderer's output is not JSON; it starts with ${JSON.stringify(stdout.slice(0, 80))}`);
  }
}
