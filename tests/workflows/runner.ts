import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Checkout } from '../lab/checkout';
import type { Job, Step } from './workflow';

/** What a step that ran left behind. */
export interface Ran {
  code: number | null;
  output: string;
}

/** A checkout with the current files on the second of two commits, and what the runner of GitHub Actions provides to a job. */
export class ScratchRunner {
  readonly folder = new Checkout('workflow').root;
  private readonly own = mkdtempSync(join(tmpdir(), 'k8s-gitops-runner-'));
  private stubs = 0;

  /** @param change what the second commit changes */
  constructor(change: (folder: string) => void) {
    // .gitignore has the folder node_modules, not the link.
    writeFileSync(join(this.folder, '.git', 'info', 'exclude'), 'node_modules\n');
    this.commit('Target branch');
    change(this.folder);
    this.commit('Change');
  }

  private git(...args: string[]): void {
    const identity = ['-c', 'user.name=test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];
    execFileSync('git', [...identity, ...args], { cwd: this.folder, stdio: ['ignore', 'ignore', 'inherit'] });
  }

  private commit(message: string): void {
    this.git('add', '--all');
    this.git('commit', '--quiet', '--message', message);
  }

  /** A folder for PATH with a program of that name. It stands in for what a step needs and this machine lacks. */
  stub(name: string, script: string): string {
    const folder = join(this.own, `stub-${++this.stubs}`);
    mkdirSync(folder);
    writeFileSync(join(folder, name), `#!/usr/bin/env bash\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
    return folder;
  }

  /**
   * Runs a step's script as the runner does.
   * @param values what expressions evaluate to; one without a value fails
   * @param path folders in front of PATH
   */
  async run(
    { run = '', shell, env = {} }: Step,
    { env: jobEnv = {} }: Partial<Job>,
    {
      values = {},
      extra = {},
      path = [],
    }: { values?: Record<string, string>; extra?: NodeJS.ProcessEnv; path?: string[] } = {},
  ): Promise<Ran> {
    const script = join(this.own, 'step.sh');
    writeFileSync(script, run);
    const options = shell === 'bash' ? ['--noprofile', '--norc', '-eo', 'pipefail'] : ['-e'];
    const evaluated = Object.fromEntries(
      Object.entries({ ...jobEnv, ...env }).map(([name, text]) => [name, evaluate(String(text), values)]),
    );
    const child = spawn('bash', [...options, script], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        ...this.files(),
        ...extra,
        ...evaluated,
        PATH: [...path, process.env.PATH ?? ''].join(delimiter),
      },
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => void child.on('close', resolve));
    return { code, output };
  }

  private files(): Record<string, string> {
    const names = ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY', 'GITHUB_PATH'];
    return Object.fromEntries(names.map((name) => [name, join(this.own, name)]));
  }

  /** What steps have written to a file of the runner since the last call. */
  taken(name: 'GITHUB_OUTPUT' | 'GITHUB_STEP_SUMMARY' | 'GITHUB_PATH'): string {
    const file = this.files()[name] ?? '';
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    rmSync(file, { force: true });
    return text;
  }

  /** A file of the checkout. */
  read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }

  remove(): void {
    for (const folder of [this.folder, this.own]) rmSync(folder, { recursive: true, force: true });
  }
}

/** Replaces the expressions of a text by their values. */
function evaluate(text: string, values: Record<string, string>): string {
  return text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_whole, expression: string) => {
    const value = values[expression];
    if (value === undefined) throw new Error(`the test has no value for \${{ ${expression} }}`);
    return value;
  });
}
