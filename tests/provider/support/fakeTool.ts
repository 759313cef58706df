import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * Puts a bash script under a tool's name first on PATH. `$DIR` in it is a folder of the test; whatever the script
 * writes there, `read` gives back. XDG_RUNTIME_DIR is a folder inside, so that temporary folders can be counted.
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
