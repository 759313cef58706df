import { spawn } from 'node:child_process';
import { CannotTell } from './options';

/**
 * Gives the renderer a request and returns its answer, both JSON. Its log goes to `onLog`.
 * @throws CannotTell when it does not start, refuses the request or answers no JSON
 */
export async function runRenderer<Answer>(
  binary: string,
  request: object,
  onLog: (line: string) => void = () => undefined,
): Promise<Answer> {
  const { code, stdout, stderr } = await new Promise<{ code: string; stdout: string; stderr: string }>(
    (resolve, reject) => {
      const child = spawn(binary, [], { stdio: ['pipe', 'pipe', 'pipe'] });
      const out: Buffer[] = [];
      const log: Buffer[] = [];
      child.stdout.on('data', (part: Buffer) => out.push(part));
      child.stderr.on('data', (part: Buffer) => log.push(part));
      child.on('error', (error) => reject(new CannotTell(`${binary}: does not start: ${error.message}`)));
      // A renderer that ends early says why by itself.
      child.stdin.on('error', () => undefined);
      child.on('close', (exit, signal) => {
        const text = (parts: Buffer[]): string => Buffer.concat(parts).toString('utf8');
        resolve({ code: signal ?? String(exit), stdout: text(out), stderr: text(log).trim() });
      });
      child.stdin.end(JSON.stringify(request));
    },
  );
  if (code !== '0') {
    throw new CannotTell(`the renderer failed (${code}): ${stderr === '' ? 'it says nothing' : stderr}`);
  }
  for (const line of stderr.split('\n')) if (line !== '') onLog(line);
  try {
    return JSON.parse(stdout) as Answer;
  } catch {
    throw new CannotTell(`the renderer's answer is no JSON; it begins with ${JSON.stringify(stdout.slice(0, 80))}`);
  }
}
