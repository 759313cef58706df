import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type KubernetesObject, invalidObjectReason } from '../../../gitops/kubernetesObject';
import { runCommand, tailOf } from '../../../clients/process/runCommand';
import { helmEnvironment } from '../../../clients/helm/environment';
import { cacheFolder } from '../../../tools/cacheFolder';
import { tools } from '../../../tools/manifest';
import { cachedChart } from './chartCache';
import type { ChartAddress, Release } from './release';

/** How long to wait for a registry. */
const pullMilliseconds = 60_000;

/** Access to charts; tests pass their own. */
export interface Charts {
  /** Folder of the unpacked chart. @throws Error with the reason if it cannot be pulled */
  pull(chart: ChartAddress): Promise<string>;
  /** The objects that the chart renders for a release. @throws Error with Helm's message */
  template(folder: string, release: Release, apiVersions: readonly string[]): Promise<KubernetesObject[]>;
}

/**
 * Charts through the Helm CLI. Each chart is pulled once and stays in the cache by its digest; the user's own Helm setup is
 * left alone.
 * Through a proxy on this machine, as in the lab, a chart may be a stand-in: it is deleted when the process exits.
 */
export function helmCharts(helm: string): Charts {
  const all = chartFolder(process.env);
  return {
    pull: (chart) => cachedChart(all, chart, (address, into) => pullWith(helm, address, into)),
    template: async (folder, { name, namespace, values, valuesFiles }, apiVersions) => {
      const version = ['--kube-version', tools['kube-apiserver'].version];
      const files = valuesFiles.flatMap((file) => ['--values', join(folder, file)]);
      const capabilities = apiVersions.flatMap((api) => ['--api-versions', api]);
      const args = ['template', name, folder, '--namespace', namespace, '--include-crds', '--skip-tests', ...version];
      const input = JSON.stringify(values);
      const { stdout: text } = await run(helm, [...args, ...files, ...capabilities, '--values', '-'], { input });
      return parseAllDocuments(text, { logLevel: 'silent', uniqueKeys: false }).flatMap((document) => {
        const value = document.toJS({ maxAliasCount: 1000 }) as unknown;
        return invalidObjectReason(value) === undefined ? [value as KubernetesObject] : [];
      });
    },
  };
}

async function pullWith(helm: string, { url, name, version, digest }: ChartAddress, into: string): Promise<string> {
  if (name !== undefined) {
    const args = ['pull', name, '--repo', url, '--version', version, '--untar', '--untardir', into];
    await run(helm, args, { milliseconds: pullMilliseconds });
    return digestOf(into);
  }
  const exact = digest === undefined ? [url, '--version', version] : [`${url}@${digest}`];
  const { stdout, stderr } = await run(helm, ['pull', ...exact, '--untar', '--untardir', into], {
    milliseconds: pullMilliseconds,
  });
  // Helm 3 prints it to standard error, earlier versions to standard output.
  const found = /^Digest: (sha256:[0-9a-f]{64})$/m.exec(`${stdout}\n${stderr}`)?.[1];
  if (found === undefined) throw new Error('helm pull names no digest');
  return found;
}

/** Helm names no digest for an archive of a Helm repository: that of the unpacked files, by path and content. */
function digestOf(folder: string): string {
  const hash = createHash('sha256');
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  for (const file of entries.map((entry) => join(entry.parentPath, entry.name)).sort()) {
    hash
      .update(`${file.slice(folder.length)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return `sha256:${hash.digest('hex')}`;
}

/** Where to keep pulled charts. */
export function chartFolder(env: NodeJS.ProcessEnv): string {
  if (!/^https?:\/\/(127\.|localhost)/.test(env['HTTPS_PROXY'] ?? '')) return join(cacheFolder(), 'charts-pulled');
  const folder = mkdtempSync(join(tmpdir(), 'k8s-gitops-charts-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function run(
  helm: string,
  args: string[],
  { input, milliseconds = 120_000 }: { input?: string; milliseconds?: number },
): Promise<{ stdout: string; stderr: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'k8s-gitops-helm-'));
  try {
    const env = await helmEnvironment(directory);
    const signal = AbortSignal.timeout(milliseconds);
    const { code, stdout, stderr } = await runCommand({ file: helm, args, input, env, cwd: directory, signal });
    if (code === 0) return { stdout, stderr };
    throw new Error(tailOf(stderr).replace(/^Error: /, ''));
  } catch (error) {
    if ((error as Error).message.includes('aborted due to timeout')) {
      throw new Error(`no answer within ${milliseconds / 1000} s`, { cause: error });
    }
    throw error;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
