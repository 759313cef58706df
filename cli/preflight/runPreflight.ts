import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClusterDefinition, hasCloudflare } from '../../cluster/definition';
import { backupSystem } from '../../cluster/systemNames';
import { lists } from '../../gitops/listedSystems';
import { cloudflareItems, fieldsOf } from '../../cluster/onePasswordFields';
import { credentialLabels, type GitCredentials } from '../../clients/git/credentials';
import { readGitCredentials } from '../../clients/onepassword/gitCredentials';
import { stackFileName } from '../../cluster/names';
import { clusterFolder } from '../../gitops/clusterSettings';
import { isComplete } from '../../gitops/tree';
import { checkCloudflare, type CloudflareCheckResult } from '../../clients/cloudflare/checkToken';
import { loadTree } from '../validate/loadTree';
import { bootstrapCharts, checkCharts } from './charts';
import { checkGit } from './git';
import { checkImageFactory } from './imageFactory';
import { type CheckResult, failedWith, ok } from './checkResult';
import { checkApiEndpoint } from './network/checkApiEndpoint';
import { checkBind, checkNames, checkObjectStore } from './network/checkNetwork';
import { evaluateNodes, readNodes } from './nodes/checkNodes';
import type { PreflightResult } from './print';
import type { PreflightProgress } from './progress';
import { type ProjectPaths, readStack, type ReadStack } from '../stack/readStack';
import { type CheckGroup, runGroups } from './runGroups';
import { checkHelm, checkNodeVersion, checkTool, cosignTool, gitTool, pulumiTool } from './tools';
import { checkConnect, checkItems } from './vault/checkVault';
import { itemCheck } from './vault/evaluateItem';
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
  const { definition, bootstrap, settings, systems, secrets, identity } = read;
  const { connect } = definition;
  const tokens = { readToken: secrets.connectToken, writeToken: secrets.connectWriteToken };
  const signed = bootstrap.stages.flat().some(({ signedBy }) => signedBy !== undefined);
  // Several groups use these results.
  const helm = checkHelm(signal);
  const nodes = readNodes(definition, identity);
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
        const results =
          skippedItems(await connected, items) ?? (await checkItems(items, definition, tokens.readToken, signal));
        return adviseCloudflare(definition, results);
      },
    },
    { name: 'nodes', run: async () => evaluateNodes(definition, await nodes) },
    { name: 'image factory', run: async () => [await checkImageFactory(definition, signal)] },
    { name: 'names', run: () => checkNames(definition, signal) },
    { name: 'API', run: async () => checkApiEndpoint(definition, identity, await nodes) },
    // A setting that no manifest uses is a remainder.
    ...(systems.variables.has('BIND_HOST')
      ? [{ name: 'BIND', run: async () => [await checkBind(definition, settings, signal)] }]
      : []),
    ...(lists(systems, backupSystem)
      ? [{ name: 'object store', run: async () => [await checkObjectStore(definition, settings, signal)] }]
      : []),
    ...(!hasCloudflare(definition)
      ? []
      : [
          {
            name: 'Cloudflare',
            run: async () =>
              (
                await checkCloudflare({
                  apiToken: secrets.cloudflareApiToken,
                  account: definition.cloudflare.account,
                  zone: definition.domain,
                  needsAccess: definition.cloudflare.access !== undefined,
                  ownsZone: definition.cloudflare.ownsZone,
                  signal,
                })
              ).map(fromCloudflare),
          },
        ]),
    {
      name: 'Git',
      run: async () => [await checkGit(definition.git, root, commit, signal, () => readCredentials(read, signal))],
    },
    { name: 'charts', run: async () => checkCharts(bootstrapCharts(bootstrap), await helm, signal) },
  ];
}

/** The credentials of a private repository; undefined if it is public. */
async function readCredentials(
  { definition, secrets }: ReadStack,
  signal: AbortSignal,
): Promise<GitCredentials | undefined> {
  const { gitCredentials, connect } = definition;
  if (gitCredentials === undefined) return undefined;
  return readGitCredentials(
    { host: connect.host, vault: connect.vault, token: secrets.connectToken, ...gitCredentials },
    signal,
  );
}

/** Says what would make the items of Cloudflare that manifests read, if the stack does not have that section. */
export function adviseCloudflare(
  { name, cloudflare }: Pick<ClusterDefinition, 'name' | 'cloudflare'>,
  results: readonly CheckResult[],
): CheckResult[] {
  if (cloudflare !== undefined) return [...results];
  const made = cloudflareItems(name).map(({ title }) => itemCheck({ title }).id);
  const advice = `add cloudflare to ${stackFileName(name)}, which makes it, or take what reads it out of the cluster's folder`;
  return results.map((result) =>
    result.state === 'failed' && made.includes(result.id) ? { ...result, fix: `${result.fix}; or ${advice}` } : result,
  );
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
  const { gitCredentials } = definition;
  const people = (gitCredentials === undefined ? [] : credentialLabels(gitCredentials.kind)).map((field) => ({
    title: gitCredentials?.item ?? '',
    field,
  }));
  return neededItems(objects, fieldsOf(definition), people);
}

/** Minimum versions from package.json: of Node from `engines`, of Pulumi from its SDK. */
function oldestVersions(root: string): { node: string; pulumi: string } {
  const { engines, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    engines: { node: string };
    dependencies: Record<string, string>;
  };
  return { node: engines.node.replace(/^>=/, ''), pulumi: dependencies['@pulumi/pulumi'] ?? '' };
}
