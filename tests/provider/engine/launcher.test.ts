import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

test('the executable starts through a symbolic link and from any folder, and exits on SIGTERM', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'launcher-'));
  symlinkSync(resolve(__dirname, '../../../provider'), join(directory, 'provider'));
  const file = join(directory, 'provider/pulumi-resource-platform');
  const child = spawn(file, ['127.0.0.1:1'], { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
  try {
    const output = await new Promise<string>((done, failed) => {
      child.stdout.once('data', (chunk: Buffer) => done(chunk.toString()));
      child.stderr.once('data', (chunk: Buffer) => failed(new Error(chunk.toString())));
    });
    expect(output).toMatch(/^\d+\n$/);
    const exitCode = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
    child.kill('SIGTERM');
    expect(await exitCode).toBe(1);
  } finally {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}, 30_000);
