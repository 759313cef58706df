import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';

/** What to run. Any change restarts the process. */
export interface Launch {
  command: string;
  args: string[];
  env: Record<string, string>;
  cwd: string;
  logFile: string;
}

const firstDelay = 1_000;
const longestDelay = 30_000;
/** A process that ran this long was healthy: the delay after the next crash is the shortest again. */
const healthyAfter = 60_000;
const killAfter = 5_000;

/** Milliseconds to wait after that many crashes: 1 s, doubling up to 30 s. */
export function backOff(crashes: number): number {
  return crashes <= 0 ? 0 : Math.min(firstDelay * 2 ** (crashes - 1), longestDelay);
}

/**
 * A child process that is kept running. It stays in the agent's process group, so that killing that group (the last resort
 * of `lab down`) leaves nothing behind.
 */
export class HostProcess {
  private child: ChildProcess | undefined;
  private running: Launch | undefined;
  private startedAt = 0;
  private notBefore = 0;
  private crashes = 0;
  private stopping: Promise<void> | undefined;
  private closed = false;
  /** Number of restarts after a crash. */
  restarts = 0;
  /** How the last run ended; empty while it is running or after a deliberate stop. */
  lastExit = '';

  /** @param onEnded called when the process ends on its own */
  constructor(private readonly onEnded: () => void = () => undefined) {}

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Seconds until the next start attempt; 0 if it may start now. */
  get waitSeconds(): number {
    return Math.max(0, Math.ceil((this.notBefore - Date.now()) / 1000));
  }

  /** Starts the process, or restarts it if `launch` has changed. */
  async ensure(launch: Launch): Promise<void> {
    if (this.stopping) await this.stopping;
    if (this.closed) return;
    if (this.child && JSON.stringify(launch) === JSON.stringify(this.running)) return;
    if (this.child) {
      await this.stop();
      this.forgetCrashes();
    }
    if (this.running && JSON.stringify(launch) !== JSON.stringify(this.running)) this.forgetCrashes();
    this.running = launch;
    if (Date.now() < this.notBefore) return;
    this.start(launch);
  }

  /** Stops the process: SIGTERM, then SIGKILL after five seconds. */
  async stop(): Promise<void> {
    this.stopping ??= this.terminate().finally(() => {
      this.stopping = undefined;
    });
    await this.stopping;
  }

  /** Stops it permanently: a round in progress cannot restart it. */
  async close(): Promise<void> {
    this.closed = true;
    await this.stop();
  }

  private start(launch: Launch): void {
    const log = openSync(launch.logFile, 'a', 0o600);
    writeSync(log, `--- lab agent: starting ${launch.command} ${launch.args.join(' ')}\n`);
    const child = spawn(launch.command, launch.args, {
      cwd: launch.cwd,
      env: launch.env,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.child = child;
    this.startedAt = Date.now();
    this.lastExit = '';
    if (this.crashes > 0) this.restarts++;
    child.once('error', (error) => this.onEnd(child, `could not be started: ${error.message}`));
    child.once('exit', (code, signal) =>
      this.onEnd(child, signal === null ? `exit code ${code ?? 0}` : `signal ${signal}`),
    );
  }

  private onEnd(child: ChildProcess, how: string): void {
    if (this.child !== child) return;
    this.child = undefined;
    if (this.stopping) return;
    if (Date.now() - this.startedAt > healthyAfter) this.crashes = 0;
    this.crashes++;
    this.lastExit = how;
    this.notBefore = Date.now() + backOff(this.crashes);
    this.onEnded();
  }

  private forgetCrashes(): void {
    this.crashes = 0;
    this.notBefore = 0;
    this.lastExit = '';
  }

  private terminate(): Promise<void> {
    const child = this.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
      this.child = undefined;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), killAfter);
      child.once('exit', () => {
        clearTimeout(timer);
        this.child = undefined;
        resolve();
      });
      child.kill('SIGTERM');
    });
  }
}
