import { spawn, type ChildProcess } from 'node:child_process';
import * as readline from 'node:readline';

/** The engine's parameters for a run of the program. */
export interface ProgramRun {
  programDir: string;
  /** Folder of Pulumi.yaml. */
  rootDir: string;
  /** `main` in Pulumi.yaml; "." if absent. */
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
  /** `tsconfig` among the runtime options in Pulumi.yaml, relative to `programDir`; default: tsconfig.json. */
  tsconfig?: string;
}

/** The result of a run. `bail`: it failed, and the program has already reported the error to the user. */
export interface ProgramOutcome {
  error: string;
  bail: boolean;
}

// The runner's exit code for a failure that it has already reported.
const bailCode = 32;

/** Arguments of the SDK's runner, `@pulumi/pulumi/cmd/run`. */
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

/** Running programs, to be stopped when the host exits. */
export const runningPrograms = new Set<ChildProcess>();

/**
 * Runs the program with the SDK's runner from the program's node_modules, as the official host does. The configuration
 * is passed in environment variables, as the runner requires; `write` receives each line of output.
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
        ...(run.tsconfig === undefined ? {} : { PULUMI_NODEJS_TSCONFIG_PATH: run.tsconfig }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    runningPrograms.add(child);
    readline.createInterface({ input: child.stdout }).on('line', (line) => write(line, 'stdout'));
    readline.createInterface({ input: child.stderr }).on('line', (line) => write(line, 'stderr'));
    child.on('error', (error) => resolve({ error: `could not start node: ${error.message}`, bail: false }));
    // "close" is emitted after the last line of output, "exit" possibly before.
    child.on('close', (code, signal) => {
      runningPrograms.delete(child);
      if (code === 0) resolve({ error: '', bail: false });
      else if (code === bailCode) resolve({ error: '', bail: true });
      else
        resolve({
          error: `Program ${signal ? `was terminated by ${signal}` : `exited with non-zero exit code: ${code}`}`,
          bail: false,
        });
    });
  });
}
