import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const source = path.resolve(__dirname, '..', '..');

/** Result of a command. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A running command. */
export interface Running {
  child: ChildProcess;
  ended: Promise<Ended>;
}

/** A resource in a stack's state. */
export interface StackResource {
  type: string;
  urn: string;
  id?: string;
  dependencies?: string[];
  propertyDependencies?: Record<string, string[]>;
}

/** A separate checkout with the current files of this one or those of an earlier commit. Its lab is independent of others. */
export class Checkout {
  readonly root: string;
  readonly labDir: string;

  /**
   * @param commit the commit to check out; default: the current files
   * @param root an empty folder for it; default: a new temporary one
   */
  constructor(name: string, { commit, root }: { commit?: string; root?: string } = {}) {
    this.root = root ?? fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), `k8s-gitops-${name}-`)));
    this.labDir = path.join(this.root, '.lab');
    if (commit === undefined) this.copyCurrentFiles();
    else this.extract(commit);
    fs.symlinkSync(path.join(source, 'node_modules'), path.join(this.root, 'node_modules'));
    execFileSync('git', ['init', '--quiet', '--initial-branch=main'], { cwd: this.root });
  }

  /** Replaces all files by the current ones, like a `git checkout`. Keeps the lab. */
  update(): void {
    for (const name of fs.readdirSync(this.root)) {
      if (['.lab', '.git', 'node_modules'].includes(name)) continue;
      fs.rmSync(path.join(this.root, name), { recursive: true });
    }
    this.copyCurrentFiles();
  }

  private copyCurrentFiles(): void {
    const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    for (const file of execFileSync('git', list, { cwd: source, encoding: 'utf8' }).split('\0')) {
      const from = path.join(source, file);
      if (file === '' || file.endsWith('/') || !fs.existsSync(from)) continue;
      fs.mkdirSync(path.dirname(path.join(this.root, file)), { recursive: true });
      fs.copyFileSync(from, path.join(this.root, file));
    }
  }

  private extract(commit: string): void {
    const maxBuffer = 256 * 1024 * 1024;
    const archive = execFileSync('git', ['archive', '--format=tar', commit], { cwd: source, maxBuffer });
    execFileSync('tar', ['-x', '-C', this.root], { input: archive });
  }

  /** Starts a lab command without waiting for it. */
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

  /** Runs a lab command. */
  lab(...args: string[]): Promise<Ended> {
    return this.start(...args).ended;
  }

  /** Runs a lab command that must succeed, and returns its stdout. */
  async must(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.lab(...args);
    if (code !== 0) throw new Error(`lab ${args.join(' ')} exited with ${code}:\n${stderr}\n${stdout}`);
    return stdout;
  }

  /** The resources in a stack's state. */
  async resources(stack: string): Promise<StackResource[]> {
    const text = await this.must('pulumi', 'stack', 'export', '--stack', stack);
    return (JSON.parse(text) as { deployment: { resources: StackResource[] } }).deployment.resources;
  }

  /** Changes the resources in a stack's state, as a run that was killed before it recorded them would leave it. */
  async editState(stack: string, change: (resources: StackResource[]) => StackResource[]): Promise<void> {
    const file = path.join(this.root, 'state.json');
    await this.must('pulumi', 'stack', 'export', '--stack', stack, '--file', file);
    const state = JSON.parse(fs.readFileSync(file, 'utf8')) as { deployment: { resources: StackResource[] } };
    const kept = change(state.deployment.resources);
    const known = new Set(kept.map(({ urn }) => urn));
    const onlyKnown = (urns: string[] | undefined): string[] => (urns ?? []).filter((urn) => known.has(urn));
    state.deployment.resources = kept.map((one) => ({
      ...one,
      dependencies: onlyKnown(one.dependencies),
      propertyDependencies: Object.fromEntries(
        Object.entries(one.propertyDependencies ?? {}).map(([key, urns]) => [key, onlyKnown(urns)]),
      ),
    }));
    fs.writeFileSync(file, JSON.stringify(state), { mode: 0o600 });
    await this.must('pulumi', 'stack', 'import', '--stack', stack, '--file', file);
    fs.rmSync(file);
  }

  /** Objects of a cluster, as listed by kubectl. */
  async get<T>(cluster: string, ...args: string[]): Promise<T[]> {
    const text = await this.must('kubectl', '--cluster', cluster, 'get', ...args, '-o', 'json');
    return (JSON.parse(text) as { items: T[] }).items;
  }

  /** Takes the lab down and deletes the checkout. */
  async remove(): Promise<void> {
    await this.lab('reset');
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}

/** Whether a repository, by default this one, contains a commit; a shallow clone may not. */
export function hasCommit(commit: string, repository = source): boolean {
  return spawnSync('git', ['cat-file', '-e', `${commit}^{commit}`], { cwd: repository, stdio: 'ignore' }).status === 0;
}

/** Polls until the condition holds. Throws with its description after the timeout. */
export async function until(what: string, seconds: number, condition: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await sleep(250);
  }
}
