import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * Puts a bash script with the name of a tool first on PATH. `$DIR` in the script is a folder of the test; `read`
 * returns the files that the script writes there. XDG_RUNTIME_DIR is the same folder, so that a test can count
 * temporary folders.
 */
export class FakeTool {
  readonly directory = mkdtempSync(join(tmpdir(), 'fake-tool-'));
  private readonly before = { PATH: process.env.PATH, XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR };

  constructor(name: string, script: string) {
    const file = join(this.directory, name);
    writeFileSync(file, `#!/usr/bin/env bash\nDIR='${this.directory}'\n${script}\n`);
    chmodSync(file, 0o755);
    process.env.PATH = `${this.directory}${delimiter}${this.before.PATH ?? ''}`;
    process.env.XDG_RUNTIME_DIR = this.directory;
  }

  read(name: string): string {
    const file = join(this.directory, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  remove(): void {
    for (const [name, value] of Object.entries(this.before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}
