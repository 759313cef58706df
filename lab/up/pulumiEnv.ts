import * as path from 'node:path';
import { markerFor, markerVariable } from '../executor/marker';
import type { LabContext } from '../context';
import { goRuntimeEnv } from '../goRuntime';
import { egressEnv } from '../services/proxy/egressEnv';
import { passphraseFile } from './labSecrets';

/**
 * What the lab adds to the caller's environment for Pulumi; contains no secrets (the passphrase is in a file). State, home
 * and caches are in the lab: `~/.pulumi`, `~/.kube`, `~/.talos` and Helm's folders are left alone.
 */
export function pulumiSettings(ctx: LabContext): Record<string, string> {
  const { dir } = ctx;
  const settings: Record<string, string> = {
    ...egressEnv(ctx),
    PATH: [...pluginFolders(ctx), ...toolFolders(ctx), process.env.PATH ?? ''].join(path.delimiter),
    // Pulumi replaces state files atomically, but not the `.attrs` file next to each: a SIGKILL leaves it empty, and then
    // every command fails with "failed to load checkpoint: EOF". Nothing reads these files, so do not write them.
    PULUMI_BACKEND_URL: `file://${path.join(dir, 'pulumi', 'state')}?metadata=skip`,
    PULUMI_HOME: path.join(dir, 'pulumi', 'home'),
    PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile(dir),
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    // The machine may rewrite URLs or have a proxy of its own.
    GIT_CONFIG_NOSYSTEM: '1',
    KUBECONFIG: path.join(dir, 'no-kubeconfig'),
    KUBECACHEDIR: path.join(dir, 'cache', 'kube'),
    TALOSCONFIG: path.join(dir, 'no-talosconfig'),
    HELM_CACHE_HOME: path.join(dir, 'cache', 'helm', 'cache'),
    HELM_CONFIG_HOME: path.join(dir, 'cache', 'helm', 'config'),
    HELM_DATA_HOME: path.join(dir, 'cache', 'helm', 'data'),
  };
  if (ctx.plugins === 'standin') settings.PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION = 'true';
  return settings;
}

/** The complete environment of a Pulumi process of the lab; `owner` identifies its leftovers. */
export function pulumiEnv(ctx: LabContext, owner: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [key, value] of Object.entries(process.env)) {
    // The caller's shell may have the tokens of production.
    if (!/^(PULUMI_|HELM_|GIT_|OP_|CLOUDFLARE_)/.test(key)) env[key] = value;
  }
  return { ...env, ...goRuntimeEnv(env), ...pulumiSettings(ctx), [markerVariable]: markerFor(ctx.dir, owner) };
}

function pluginFolders(ctx: LabContext): string[] {
  if (ctx.plugins === 'official') return [];
  const plugins = ['nodejs', 'kubernetes', 'cloudflare'].map((name) => path.join(ctx.root, 'lab', 'plugins', name));
  return [...plugins, path.dirname(ctx.tool('talos-provider'))];
}

function toolFolders(ctx: LabContext): string[] {
  const names = ctx.plugins === 'official' ? ['helm'] : ['pulumi', 'helm'];
  return [...new Set(names.map((name) => path.dirname(ctx.tool(name))))];
}
