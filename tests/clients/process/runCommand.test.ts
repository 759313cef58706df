import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand, tailOf, type Command } from '../../../clients/process/runCommand';
import { UserError } from '../../../clients/userError';

const directory = mkdtempSync(join(tmpdir(), 'run-command-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const bash = (script: string, options: Partial<Command> = {}) =>
  runCommand({ file: 'bash', args: ['-c', script], signal: new AbortController().signal, ...options });

/** Aborts once the script has created `$READY`; resolves with the error and the seconds from abort to rejection. */
async function abortOnceStarted(script: string): Promise<{ error: unknown; seconds: number }> {
  const controller = new AbortController();
  const env = { ...process.env, READY: join(directory, `ready-${Math.random()}`) };
  const result = bash(script, { signal: controller.signal, env }).catch((error: unknown) => error);
  await bash('until [ -e "$READY" ]; do sleep 0.02; done', { env });
  const started = Date.now();
  controller.abort(new Error('cancelled'));
  return { error: await result, seconds: (Date.now() - started) / 1000 };
}

describe('a command that ends by itself', () => {
  test('returns its exit code and its output unchanged, trailing newline included', async () => {
    expect(await bash('echo out; echo err >&2; exit 3')).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' });
  });

  test('gets only the given environment, the working directory, and no standard input', async () => {
    const env = { PATH: process.env.PATH, ONLY: 'this' };
    const { stdout } = await bash('echo "$ONLY ${HOME-unset} $PWD"; cat', { env, cwd: directory });
    expect(stdout).toBe(`this unset ${directory}\n`);
  });

  test('gets its input on standard input, and open files as descriptors 3 and up', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, 'from the file');
    const descriptor = openSync(file, 'r');
    try {
      const { stdout } = await bash('cat; echo; cat <&3', { input: 'from stdin', files: [descriptor] });
      expect(stdout).toBe('from stdin\nfrom the file');
    } finally {
      closeSync(descriptor);
    }
  });

  test('returns the exit code of a command that fails before it has read its input', async () => {
    const input = 'x'.repeat(4_000_000);
    expect(await bash('echo no >&2; exit 7', { input })).toEqual({ code: 7, stdout: '', stderr: 'no\n' });
  });

  test('reports the signal that killed it, and keeps the output', async () => {
    const result = await bash('echo out; echo err >&2; kill -KILL $$');
    expect(result).toEqual({ code: 1, stdout: 'out\n', stderr: 'err\n\nbash was killed by SIGKILL' });
  });
});

describe('a command that cannot be started', () => {
  test.each([
    [undefined, 'no-such-program: not found on PATH'],
    ['install it', 'no-such-program: not found on PATH; install it'],
  ])('with howToGet %j', async (howToGet, message) => {
    const run = bash('', { file: 'no-such-program', howToGet });
    await expect(run).rejects.toThrow(new UserError(message));
    await expect(run).rejects.toBeInstanceOf(UserError);
  });

  test('without the right to execute it', async () => {
    const file = join(directory, 'not-executable');
    writeFileSync(file, '');
    await expect(bash('', { file })).rejects.toThrow(new UserError(`spawn ${file} EACCES`));
  });
});

describe('an abort', () => {
  test('before the start: nothing is started', async () => {
    const signal = AbortSignal.abort(new Error('cancelled'));
    await expect(bash('', { file: 'no-such-program', signal })).rejects.toThrow('no-such-program: cancelled');
  });

  test('sends SIGTERM, so the command can clean up', async () => {
    const marker = join(directory, 'terminated');
    const { error, seconds } = await abortOnceStarted(
      `trap 'echo term > ${marker}; exit 0' TERM; touch "$READY"; while true; do sleep 0.02; done`,
    );
    expect(error).toEqual(new UserError('bash: cancelled'));
    expect(seconds).toBeLessThan(2);
    expect((await bash(`cat ${marker}`)).stdout).toBe('term\n');
  });

  test('sends SIGKILL after three seconds to a command that ignores SIGTERM', async () => {
    const { error, seconds } = await abortOnceStarted(`trap '' TERM; touch "$READY"; while true; do sleep 0.1; done`);
    expect(error).toEqual(new UserError('bash: cancelled'));
    expect(seconds).toBeGreaterThan(2.5);
    expect(seconds).toBeLessThan(6);
  }, 15_000);

  test('does not wait for grandchildren that keep the pipes open', async () => {
    const { error, seconds } = await abortOnceStarted('sleep 8 & touch "$READY"; wait');
    expect(error).toEqual(new UserError('bash: cancelled'));
    expect(seconds).toBeLessThan(3);
  });
});

test('tailOf returns the last lines without trailing blanks', () => {
  expect(tailOf('a\nb\nc\n\n', 2)).toBe('b\nc');
});
