import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BootstrapInputs } from '../../cluster/bootstrapInputs';
import { bootstrapKustomizations } from '../../cluster/bootstrapOrder';
import { defineCluster } from '../../cluster/defineCluster';
import type { ClusterDefinition } from '../../cluster/definition';
import { stackFileName } from '../../cluster/names';
import type { SecretConfigKey } from '../../cluster/stackConfig';
import { projectName, readStackFile } from '../../cluster/stackFile';
import { readClusterSettings } from '../../gitops/clusterSettings';
import { renderCluster } from '../../gitops/render/renderCluster';
import { runCommand, tailOf } from '../../clients/process/runCommand';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import { bootstrapInputs } from '../../stacks/bootstrapInputs';
import { otherClusters } from '../../cluster/readClusters';
import { schematicText } from '../../cluster/schematic';
import { schematicId } from '../../cluster/schematicId';
import { type ExportedState, hasSchematic, identityInState } from './nodes/identityInState';
import { type ShownConfig, stackConfigOf } from './stackConfigOf';
import { pulumiTool } from './tools';

/** What preflight reads from a stack. */
export interface ReadStack {
  definition: ClusterDefinition;
  bootstrap: BootstrapInputs;
  /** Every cluster setting, including those that the program does not use. */
  settings: Readonly<Record<string, string>>;
  /** In plain text: never print or store. */
  secrets: Readonly<Record<SecretConfigKey, string>>;
  /** The Talos client configuration of the stack, once it has generated one. Secret. */
  identity?: TalosClientConfiguration;
  /** The schematic of `image.schematic`, and whether the stack has registered it with the image factory. */
  schematic: { id: string; isRegistered: boolean };
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
  const pulumi = async (...args: string[]): Promise<unknown> => {
    const { code, stdout, stderr } = await runCommand({
      file: 'pulumi',
      args: [...args, '--show-secrets', '--stack', stack, '--non-interactive'],
      cwd: project,
      env: process.env,
      signal,
      howToGet: pulumiTool.howToGet,
    });
    if (code === 0) return JSON.parse(stdout);
    throw new Error(cliProblem(stack, `pulumi ${args.join(' ')}`, tailOf(stderr, 1)));
  };
  const config = (await pulumi('config', '--json')) as ShownConfig;
  const state = (await pulumi('stack', 'export')) as ExportedState;

  const { source, secrets } = stackConfigOf(config, { stack, project: name, env: process.env });
  const problems: string[] = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      problems.push((error as Error).message);
      return undefined;
    }
  };
  const settings = attempt(() => readClusterSettings(root, stack));
  const definition =
    settings &&
    attempt(() =>
      defineCluster({
        stack,
        config: source,
        settings,
        others: otherClusters(stack, { root, project, projectName: name }),
      }),
    );
  const bootstrap = settings && attempt(() => bootstrapInputs(renderCluster(root, stack, bootstrapKustomizations)));
  if (!definition || !bootstrap || !settings) throw new Error(problems.join('\n'));
  const id = schematicId(schematicText(definition.image));
  return {
    definition,
    bootstrap,
    settings: settings.values,
    secrets,
    identity: identityInState(state),
    schematic: { id, isRegistered: hasSchematic(state, id) },
  };
}

/** The project's name. Reads the stack file too: the CLI does not say which of its lines is wrong. */
function readProject(stack: string, project: string): string {
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
