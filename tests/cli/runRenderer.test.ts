import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { rendererPath } from '../../cli/validate/loadTree';

/** Whether a process runs; one that waits to be reaped does not. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

// The first run on a machine builds the renderer.
const timeout = 20 * 60 * 1000;

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'the renderer does not outlive a process that gets %s',
  async (signal) => {
    const start = `
      const { pid } = require('node:child_process').spawn(${JSON.stringify(await rendererPath())}, { stdio: ['inherit', 'ignore', 'ignore'] });
      process.stdout.write(String(pid));
      setInterval(() => undefined, 1000);
    `;
    // This process keeps the renderer's standard input open, so that it waits for the rest of its request.
    const parent = spawn(process.execPath, ['-e', start], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [written] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(written.toString());
    expect(isRunning(pid)).toBe(true);
    parent.kill(signal);
    await once(parent, 'exit');
    for (let tries = 0; tries < 100 && isRunning(pid); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(isRunning(pid)).toBe(false);
    parent.stdin.destroy();
  },
  timeout,
);
