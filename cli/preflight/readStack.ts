import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { BootstrapInputs } from '../../cluster/bootstrapInputs';
import { bootstrapKustomizations } from '../../cluster/bootstrapOrder';
import { defineCluster } from '../../cluster/define';
import type { ClusterDefinition } from '../../cluster/definition';
import type { SecretConfigKey } from '../../cluster/stackConfig';
import { readClusterSettings } from '../../gitops/clusterSettings';
import { renderCluster } from '../../gitops/render';
import { runCommand, tailOf } from '../../clients/process/runCommand';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import { bootstrapInputs } from '../../stacks/bootstrapInputs';
import { otherClusters } from '../../stacks/otherClusters';
import { type ExportedState, identityInState } from './nodes/identityInState';
import { type ShownConfig, stackConfigOf } from './stackConfigOf';
import { pulumiTool } from './tools';

/** A stack as preflight needs it. */
export interface ReadStack {
  definition: ClusterDefinition;
  bootstrap: BootstrapInputs;
  /** Every cluster setting, also those that the program itself does not use. */
  settings: Readonly<Record<string, string>>;
  /** In plain text: for use at once, never to show. */
  secrets: Readonly<Record<SecretConfigKey, string>>;
  /** By which the stack speaks to its machines, once there are any. Secret. */
  identity?: TalosClientConfiguration;
}

/** Where things are: the repository, and the Pulumi project that `pulumi` runs in. */
export interface Places {
  root: string;
  project: string;
}

/**
 * Reads a stack: its configuration with its secrets by the Pulumi CLI, the rest from Git.
 * @throws with everything that is wrong in either, each line saying what to do
 */
export async function readStack(stack: string, { root, project }: Places, signal: AbortSignal): Promise<ReadStack> {
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

  const { name } = parse(readFileSync(join(project, 'Pulumi.yaml'), 'utf8')) as { name: string };
  const { source, secrets } = stackConfigOf(config, { stack, project: name, env: process.env });
  const complaints: string[] = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      complaints.push((error as Error).message);
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
  if (!definition || !bootstrap || !settings) throw new Error(complaints.join('\n'));
  return { definition, bootstrap, settings: settings.values, secrets, identity: identityInState(state) };
}

/** What the CLI says of a stack that it does not read, and what to do. */
export function cliProblem(stack: string, command: string, said: string): string {
  const why = `${command}: ${said.replace(/^error: /, '').trim() || 'failed without a word'}`;
  if (/no stack named/.test(said)) return `${why}; run: pulumi stack init ${stack}`;
  if (/passphrase/.test(said)) return `${why}; set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE`;
  return `${why}; run it by hand: pulumi stack select ${stack}`;
}
