import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterDefinition } from '../../cluster/definition';
import { managedFields } from '../../cluster/vaultFields';
import { clusterFolder } from '../../gitops/clusterSettings';
import { isComplete } from '../../gitops/tree';
import { checkCloudflare, type CloudflareCheckResult } from '../../clients/cloudflare/checkToken';
import { loadTree } from '../validate/loadTree';
import { bootstrapCharts, checkCharts } from './charts';
import { checkGit } from './git';
import { failedBy, type Line, ok } from './checkResult';
import { checkBind, checkNames, checkObjectStore } from './network/checkNetwork';
import { checkNodes } from './nodes/checkNodes';
import type { PreflightResult } from './print';
import type { PreflightProgress } from './progress';
import { type Places, readStack, type ReadStack } from './readStack';
import { type Group, runGroups } from './runGroups';
import { checkHelm, checkTool, cosignTool, gitTool, nodeLine, pulumiTool } from './tools';
import { checkConnect, checkItems } from './vault/checkVault';
import { connectLines, itemsNotAsked } from './vault/evaluateConnect';
import { type VaultNeed, vaultNeeds } from './vault/vaultNeeds';

/** What preflight is told. */
export interface PreflightOptions extends Places {
  stack: string;
  /** The commit that Flux is to find; that of the working copy when left out. */
  commit?: string;
  progress: PreflightProgress;
  signal: AbortSignal;
}

/** Asks everything that `up` of a stack needs, side by side; changes nothing. Throws only when `signal` is aborted. */
export async function runPreflight(options: PreflightOptions): Promise<PreflightResult> {
  const { stack, progress, signal } = options;
  const asked = { id: 'configuration', what: `configuration of stack ${stack}` };
  let read: ReadStack;
  progress.begun('configuration');
  try {
    read = await readStack(stack, options, signal);
  } catch (error) {
    signal.throwIfAborted();
    // Nothing else can be asked without knowing of whom.
    const lines = [failedBy(asked, error, 'correct it')];
    progress.ended('configuration', lines);
    return { stack, ok: false, lines };
  }
  const configuration = ok(asked, 'complete');
  progress.ended('configuration', [configuration]);
  const lines = [configuration, ...(await runGroups(groupsOf(read, options), progress))];
  signal.throwIfAborted();
  return { stack, ok: lines.every(({ state }) => state !== 'failed'), lines };
}

function groupsOf(read: ReadStack, { root, commit, progress, signal }: PreflightOptions): Group[] {
  const { definition, bootstrap, settings, secrets, identity } = read;
  const { connect, cloudflare, domain } = definition;
  const tokens = { readToken: secrets.connectToken, writeToken: secrets.connectWriteToken };
  const signed = bootstrap.releases.some(({ signedBy }) => signedBy !== undefined);
  // Asked once, for more than one group.
  const helm = checkHelm(signal);
  const connected = checkConnect(connect, tokens, signal).catch((error: unknown) => [
    failedBy(connectLines.server(connect.host), error, 'run preflight again'),
  ]);

  return [
    {
      name: 'programs',
      ask: async () => {
        const oldest = oldestVersions(root);
        const others = [{ ...pulumiTool, oldest: oldest.pulumi }, gitTool, ...(signed ? [cosignTool] : [])];
        const lines = await Promise.all(others.map((tool) => checkTool(tool, signal)));
        return [nodeLine(process.version, oldest.node), ...lines, await helm];
      },
    },
    { name: '1Password', ask: () => connected },
    {
      name: 'items',
      ask: async () => {
        const needs = await neededItems(definition, root, progress);
        return itemsNotAsked(await connected, needs) ?? checkItems(needs, definition, tokens.readToken, signal);
      },
    },
    { name: 'nodes', ask: () => checkNodes(definition, identity) },
    { name: 'names', ask: () => checkNames(definition, signal) },
    { name: 'BIND', ask: async () => [await checkBind(definition, settings, signal)] },
    { name: 'object store', ask: async () => [await checkObjectStore(definition, settings, signal)] },
    {
      name: 'Cloudflare',
      ask: async () =>
        (
          await checkCloudflare({
            apiToken: secrets.cloudflareApiToken,
            account: cloudflare.account,
            zone: domain,
            needsAccess: cloudflare.access !== undefined,
            ownsZone: cloudflare.ownsZone,
            signal,
          })
        ).map(cloudflareLine),
    },
    { name: 'Git', ask: async () => [await checkGit(definition.git, root, commit, signal)] },
    { name: 'charts', ask: async () => checkCharts(bootstrapCharts(bootstrap), await helm, signal) },
  ];
}

/** A line of Cloudflare's check as one of ours; its "skipped" is neither good nor bad. */
function cloudflareLine({ what, ok: fine, skipped, why, fix }: CloudflareCheckResult): Line {
  const id = `cloudflare:${what.replace(/^Cloudflare /, '')}`;
  return { id, what, state: skipped ? 'skipped' : fine ? 'ok' : 'failed', why, fix };
}

/** What Git and the program need of the vault on this cluster. */
async function neededItems(
  definition: ClusterDefinition,
  root: string,
  progress: PreflightProgress,
): Promise<VaultNeed[]> {
  // Schemas say nothing of the vault.
  const tree = await loadTree({ root, schemas: '', onProgress: (line) => progress.note(line) });
  const cluster = tree.clusters.find(({ name }) => name === definition.name);
  if (cluster === undefined || !isComplete(cluster)) {
    throw new Error(
      `${clusterFolder(definition.name)} does not render, so what it reads is not known; run: npm run validate`,
    );
  }
  const objects = cluster.objects.map(({ object }) => object);
  return vaultNeeds(objects, Object.values(managedFields(definition)));
}

/** From package.json: the Node that it demands, and the Pulumi that its SDK is of. */
function oldestVersions(root: string): { node: string; pulumi: string } {
  const { engines, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    engines: { node: string };
    dependencies: Record<string, string>;
  };
  return { node: engines.node.replace(/^>=/, ''), pulumi: dependencies['@pulumi/pulumi'] ?? '' };
}
