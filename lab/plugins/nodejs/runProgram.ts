import { spawn, type ChildProcess } from 'node:child_process';
import * as readline from 'node:readline';

/** What the engine says about a run of the program. */
export interface ProgramRun {
  programDir: string;
  /** Folder of Pulumi.yaml. */
  rootDir: string;
  /** As in Pulumi.yaml's `main`, "." when absent. */
  entryPoint: string;
  project: string;
  stack: string;
  organization: string;
  parallel: number;
  dryRun: boolean;
  monitor: string;
  engine: string;
  config: Record<string, string>;
  configSecretKeys: string[];
  nodeArgs: string[];
}

/** How the program ended: `bail` means that it has already told the user what is wrong. */
export interface ProgramOutcome {
  error: string;
  bail: boolean;
}

// The runner's own code for "failed, and the user has been told".
const bailCode = 32;

/** Arguments of the SDK's own runner, `@pulumi/pulumi/cmd/run`. */
export function runnerArguments(run: ProgramRun): string[] {
  return [
    `--monitor=${run.monitor}`,
    `--engine=${run.engine}`,
    `--project=${run.project}`,
    `--root-directory=${run.rootDir}`,
    `--stack=${run.stack}`,
    `--organization=${run.organization}`,
    `--pwd=${run.programDir}`,
    `--parallel=${run.parallel}`,
    ...(run.dryRun ? ['--dry-run'] : []),
    run.entryPoint,
  ];
}

/** Children that run now, so that they end with the host. */
export const runningPrograms = new Set<ChildProcess>();

/**
 * Runs the program by the SDK's runner, as the official host does: the runner comes from the program's own
 * node_modules, configuration goes by environment (that is the runner's interface), output by line to `write`.
 */
export function runProgram(
  run: ProgramRun,
  write: (line: string, stream: 'stdout' | 'stderr') => void,
): Promise<ProgramOutcome> {
  const runner = require.resolve('@pulumi/pulumi/cmd/run', { paths: [run.programDir] });
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...run.nodeArgs, runner, ...runnerArguments(run)], {
      cwd: run.programDir,
      env: {
        ...process.env,
        PULUMI_CONFIG: JSON.stringify(run.config),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(run.configSecretKeys),
        PULUMI_NODEJS_TYPESCRIPT: 'true',
        PULUMI_NODEJS_TRANSPILE_ONLY: 'true',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    runningPrograms.add(child);
    readline.createInterface({ input: child.stdout }).on('line', (line) => write(line, 'stdout'));
    readline.createInterface({ input: child.stderr }).on('line', (line) => write(line, 'stderr'));
    child.on('error', (error) => resolve({ error: `node could not be started: ${error.message}`, bail: false }));
    // "close" comes after the last line of output, "exit" may come before.
    child.on('close', (code, signal) => {
      runningPrograms.delete(child);
      if (code === 0) resolve({ error: '', bail: false });
      else if (code === bailCode) resolve({ error: '', bail: true });
      else
        resolve({
          error: `Program ${signal ? `was ended by ${signal}` : `exited with non-zero exit code: ${code}`}`,
          bail: false,
        });
    });
  });
}
