import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import execa from 'execa';
import { ensureTools, inLines } from '../../tools/toolchain';

/** What Alertmanager's own code says about a configuration. */
export interface Routing {
  /** Its answer to `check-config`; the first line of an error. */
  readonly check: string;
  /** The receivers that get an alert with these labels, in the order of the routes. */
  readonly receivers: (labels: Readonly<Record<string, string>>) => Promise<string[]>;
}

/** Reads a configuration by the real amtool, which is Alertmanager's code, and asks where alerts go. */
export async function withRouting<T>(config: object, use: (routing: Routing) => Promise<T>): Promise<T> {
  const { amtool } = await ensureTools(
    ['amtool'],
    inLines(() => undefined),
  );
  const folder = mkdtempSync(join(tmpdir(), 'routes-'));
  const file = join(folder, 'alertmanager.yaml');
  try {
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    const run = (...args: string[]) => execa(amtool, args, { cwd: folder, env: { HOME: folder }, reject: false });
    const { exitCode, stdout, stderr } = await run('check-config', file);
    const check = exitCode === 0 ? 'valid' : `${stdout}\n${stderr}`;
    return await use({
      check,
      receivers: async (labels) => {
        const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
        const answer = await run('config', 'routes', 'test', `--config.file=${file}`, ...pairs);
        if (answer.exitCode !== 0) throw new Error(`${answer.stdout}\n${answer.stderr}`);
        return answer.stdout.trim().split(',');
      },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
