import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BootstrapInputs } from '../../cluster/bootstrapInputs';
import type { ClusterDefinition } from '../../cluster/definition';
import { stackFileName } from '../../cluster/names';
import type { OtherCluster } from '../../cluster/crossClusterChecks';
import type { SecretConfigKey, StackConfigSource } from '../../cluster/stackConfig';
import { projectName, readStackFile } from '../../cluster/stackFile';
import { readClusterSettings } from '../../gitops/clusterSettings';
import type { ListedSystems } from '../../gitops/listedSystems';
import { runCommand, tailOf } from '../../clients/process/runCommand';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import { type EvaluatedStack, evaluateStack, refusalOf } from '../../stacks/evaluateStack';
import { otherClusters } from '../../cluster/readClusters';
import { type ExportedState, identityInState } from './exportedState';
import { type ShownConfig, stackConfigOf } from './stackConfigOf';
import { pulumiTool } from '../preflight/tools';

/** A stack with its secrets. */
export interface ReadStack {
  definition: ClusterDefinition;
  bootstrap: BootstrapInputs;
  /** What the cluster lists. */
  systems: ListedSystems;
  /** Every cluster setting, including those that the program does not use. */
  settings: Readonly<Record<string, string>>;
  /** In plain text: never print or store. */
  secrets: Readonly<Record<SecretConfigKey, string>>;
  /** The Talos client configuration of the stack, once it has generated one. Secret. */
  identity?: TalosClientConfiguration;
}

/** Paths of the repository, and of the Pulumi project in which to run `pulumi`. */
export interface ProjectPaths {
  root: string;
  project: string;
}

/**
 * Reads a stack: configuration, secrets and state with the Pulumi CLI, the rest from Git.
 * @throws Error with one line per problem and its fix
 */
export async function readStack(
  stack: string,
  { root, project }: ProjectPaths,
  signal: AbortSignal,
): Promise<ReadStack> {
  const name = readProject(stack, project);
  const { source, secrets } = await readConfig(stack, name, project, signal);
  const state = await readState(stack, project, signal);
  const evaluated = evaluateRead(stack, name, { root, project }, source);
  const { definition, bootstrap, systems } = evaluated;
  const refusal = refusalOf(evaluated);
  if (refusal !== undefined || !definition || !bootstrap || !systems) throw new Error(refusal);
  const settings = readClusterSettings(root, stack);
  return {
    definition,
    bootstrap,
    systems,
    settings: settings.values,
    secrets,
    identity: identityInState(state),
  };
}

/** Evaluates a configuration of a stack that was read, against the other clusters of the repository. `name` is the project's. */
export function evaluateRead(
  stack: string,
  name: string,
  { root, project }: ProjectPaths,
  config: StackConfigSource,
): EvaluatedStack {
  const others = (): OtherCluster[] => otherClusters(stack, { root, project, projectName: name });
  return evaluateStack({ stack, root, project: name, config, others });
}

/** The configuration of a stack with its secrets in plain text, by the Pulumi CLI. Throws an Error with the fix. */
export async function readConfig(
  stack: string,
  project: string,
  folder: string,
  signal: AbortSignal,
): Promise<ReturnType<typeof stackConfigOf>> {
  const config = (await pulumi(stack, folder, signal, 'config', '--json')) as ShownConfig;
  return stackConfigOf(config, { stack, project, folder, env: process.env });
}

/** The state of a stack with its secrets in plain text, by the Pulumi CLI. Throws an Error with the fix. */
export async function readState(stack: string, folder: string, signal: AbortSignal): Promise<ExportedState> {
  return (await pulumi(stack, folder, signal, 'stack', 'export')) as ExportedState;
}

async function pulumi(stack: string, cwd: string, signal: AbortSignal, ...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await runCommand({
    file: 'pulumi',
    args: [...args, '--show-secrets', '--stack', stack, '--non-interactive'],
    cwd,
    env: process.env,
    signal,
    howToGet: pulumiTool.howToGet,
  });
  if (code === 0) return JSON.parse(stdout);
  throw new Error(cliProblem(stack, `pulumi ${args.join(' ')}`, tailOf(stderr, 1)));
}

/** The project's name. Reads the stack file too: the CLI does not say which of its lines is wrong. */
export function readProject(stack: string, project: string): string {
  if (!existsSync(join(project, 'Pulumi.yaml'))) {
    throw new Error(`${project}: has no Pulumi.yaml; pass the folder of the Pulumi project with --cwd`);
  }
  const name = projectName(project);
  const file = join(project, stackFileName(stack));
  if (existsSync(file)) readStackFile(file, name);
  return name;
}

/** The CLI's error for a stack that it cannot read, and how to fix it. */
export function cliProblem(stack: string, command: string, stderr: string): string {
  const why = `${command}: ${stderr.replace(/^error: /, '').trim() || 'failed without output'}`;
  if (/no stack named/.test(stderr)) return `${why}; run: pulumi stack init ${stack}`;
  if (/passphrase/.test(stderr)) return `${why}; set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE`;
  return `${why}; run it by hand: pulumi stack select ${stack}`;
}
