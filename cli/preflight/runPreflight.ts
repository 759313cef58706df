import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterDefinition } from '../../cluster/definition';
import { managedFields } from '../../cluster/onePasswordFields';
import { clusterFolder } from '../../gitops/clusterSettings';
import { isComplete } from '../../gitops/tree';
import { checkCloudflare, type CloudflareCheckResult } from '../../clients/cloudflare/checkToken';
import { loadTree } from '../validate/loadTree';
import { bootstrapCharts, checkCharts } from './charts';
import { checkGit } from './git';
import { checkImageFactory } from './imageFactory';
import { type CheckResult, failedWith, ok } from './checkResult';
import { checkBind, checkNames, checkObjectStore } from './network/checkNetwork';
import { checkNodes } from './nodes/checkNodes';
import type { PreflightResult } from './print';
import type { PreflightProgress } from './progress';
import { type ProjectPaths, readStack, type ReadStack } from './readStack';
import { type CheckGroup, runGroups } from './runGroups';
import { checkHelm, checkNodeVersion, checkTool, cosignTool, gitTool, pulumiTool } from './tools';
import { checkConnect, checkItems } from './vault/checkVault';
import { connectChecks, skippedItems } from './vault/evaluateConnect';
import { type NeededItem, neededItems } from './vault/neededItems';

/** Options of preflight. */
export interface PreflightOptions extends ProjectPaths {
  stack: string;
  /** The commit that Flux must find; default: HEAD of the working copy. */
  commit?: string;
  progress: PreflightProgress;
  signal: AbortSignal;
}

/** Checks everything that `up` of a stack needs, in parallel. Read-only. Throws only if `signal` is aborted. */
export async function runPreflight(options: PreflightOptions): Promise<PreflightResult> {
  const { stack, progress, signal } = options;
  const check = { id: 'configuration', what: `configuration of stack ${stack}` };
  let read: ReadStack;
  progress.started('configuration');
  try {
    read = await readStack(stack, options, signal);
  } catch (error) {
    signal.throwIfAborted();
    // Every other check needs the configuration.
    const results = [failedWith(check, error, 'correct it')];
    progress.finished('configuration', results);
    return { stack, ok: false, results };
  }
  const configuration = ok(check, 'complete');
  progress.finished('configuration', [configuration]);
  const results = [configuration, ...(await runGroups(groupsOf(read, options), progress))];
  signal.throwIfAborted();
  return { stack, ok: results.every(({ state }) => state !== 'failed'), results };
}

function groupsOf(read: ReadStack, { root, commit, progress, signal }: PreflightOptions): CheckGroup[] {
  const { definition, bootstrap, settings, secrets, identity, schematic } = read;
  const { connect, cloudflare, domain } = definition;
  const tokens = { readToken: secrets.connectToken, writeToken: secrets.connectWriteToken };
  const signed = bootstrap.stages.flat().some(({ signedBy }) => signedBy !== undefined);
  // Several groups use these results.
  const helm = checkHelm(signal);
  const connected = checkConnect(connect, tokens, signal).catch((error: unknown) => [
    failedWith(connectChecks.server(connect.host), error, 'run preflight again'),
  ]);

  return [
    {
      name: 'programs',
      run: async () => {
        const oldest = oldestVersions(root);
        const tools = [{ ...pulumiTool, oldest: oldest.pulumi }, gitTool, ...(signed ? [cosignTool] : [])];
        const results = await Promise.all(tools.map((tool) => checkTool(tool, signal)));
        return [checkNodeVersion(process.version, oldest.node), ...results, await helm];
      },
    },
    { name: '1Password', run: () => connected },
    {
      name: 'items',
      run: async () => {
        const items = await readNeededItems(definition, root, progress);
        return skippedItems(await connected, items) ?? checkItems(items, definition, tokens.readToken, signal);
      },
    },
    { name: 'nodes', run: () => checkNodes(definition, identity, schematic) },
    { name: 'image factory', run: async () => [await checkImageFactory(definition, signal)] },
    { name: 'names', run: () => checkNames(definition, signal) },
    { name: 'BIND', run: async () => [await checkBind(definition, settings, signal)] },
    { name: 'object store', run: async () => [await checkObjectStore(definition, settings, signal)] },
    {
      name: 'Cloudflare',
      run: async () =>
        (
          await checkCloudflare({
            apiToken: secrets.cloudflareApiToken,
            account: cloudflare.account,
            zone: domain,
            needsAccess: cloudflare.access !== undefined,
            ownsZone: cloudflare.ownsZone,
            signal,
          })
        ).map(fromCloudflare),
    },
    { name: 'Git', run: async () => [await checkGit(definition.git, root, commit, signal)] },
    { name: 'charts', run: async () => checkCharts(bootstrapCharts(bootstrap), await helm, signal) },
  ];
}

/** Converts a result of the Cloudflare client. */
function fromCloudflare({ what, ok: passed, skipped, warning, why, fix }: CloudflareCheckResult): CheckResult {
  const id = `cloudflare:${what.replace(/^Cloudflare /, '')}`;
  const state = skipped ? 'skipped' : warning ? 'warning' : passed ? 'ok' : 'failed';
  return { id, what, state, why, fix };
}

/** The items that Git and the program need on this cluster. */
async function readNeededItems(
  definition: ClusterDefinition,
  root: string,
  progress: PreflightProgress,
): Promise<NeededItem[]> {
  // Rendering is enough; skip the schemas.
  const tree = await loadTree({ root, schemas: '', onProgress: (line) => progress.note(line) });
  const cluster = tree.clusters.find(({ name }) => name === definition.name);
  if (cluster === undefined || !isComplete(cluster)) {
    throw new Error(
      `${clusterFolder(definition.name)} does not render, so the items it reads are unknown; run: npm run validate`,
    );
  }
  const objects = cluster.objects.map(({ object }) => object);
  return neededItems(objects, Object.values(managedFields(definition)));
}

/** Minimum versions from package.json: of Node from `engines`, of Pulumi from its SDK. */
function oldestVersions(root: string): { node: string; pulumi: string } {
  const { engines, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    engines: { node: string };
    dependencies: Record<string, string>;
  };
  return { node: engines.node.replace(/^>=/, ''), pulumi: dependencies['@pulumi/pulumi'] ?? '' };
}
