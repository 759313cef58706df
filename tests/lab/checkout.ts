import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const source = path.resolve(__dirname, '..', '..');

/** How a command ended. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A command that still runs. */
export interface Running {
  child: ChildProcess;
  ended: Promise<Ended>;
}

/** A checkout of its own, with the files of this one as they are now: its lab disturbs no other. */
export class Checkout {
  readonly root: string;
  readonly labDir: string;

  constructor(name: string) {
    this.root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), `k8s-gitops-${name}-`)));
    this.labDir = path.join(this.root, '.lab');
    const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    for (const file of execFileSync('git', list, { cwd: source, encoding: 'utf8' }).split('\0')) {
      const from = path.join(source, file);
      if (file === '' || file.endsWith('/') || !fs.existsSync(from)) continue;
      fs.mkdirSync(path.dirname(path.join(this.root, file)), { recursive: true });
      fs.copyFileSync(from, path.join(this.root, file));
    }
    fs.symlinkSync(path.join(source, 'node_modules'), path.join(this.root, 'node_modules'));
    execFileSync('git', ['init', '--quiet', '--initial-branch=main'], { cwd: this.root });
  }

  /** Starts a lab command and returns at once. */
  start(...args: string[]): Running {
    const command = ['--import', 'tsx', path.join(this.root, 'lab', 'cli.ts'), ...args];
    const child = spawn(process.execPath, command, { cwd: this.root, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<Ended>((resolve, reject) => {
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });
    return { child, ended };
  }

  /** Runs a lab command to its end. */
  lab(...args: string[]): Promise<Ended> {
    return this.start(...args).ended;
  }

  /** Runs a lab command that must succeed; its stdout. */
  async must(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.lab(...args);
    if (code !== 0) throw new Error(`lab ${args.join(' ')} ended with ${code}:\n${stderr}\n${stdout}`);
    return stdout;
  }

  /** Objects of a cluster, as kubectl lists them. */
  async get<T>(cluster: string, ...args: string[]): Promise<T[]> {
    const text = await this.must('kubectl', '--cluster', cluster, 'get', ...args, '-o', 'json');
    return (JSON.parse(text) as { items: T[] }).items;
  }

  /** Takes the lab down and removes the checkout. */
  async remove(): Promise<void> {
    await this.lab('reset');
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}

/** Asks until it is so; says what was waited for when it does not come. */
export async function until(what: string, seconds: number, is: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await is())) {
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await sleep(250);
  }
}
