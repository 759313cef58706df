import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import execa from 'execa';
import { readJson } from '../../files';
import { chartSources, type ChartSource } from './chartSources';
import { packageChart } from './packageChart';

/** Configuration of the job that publishes the charts to the lab's registry. */
export interface ChartsConfig {
  /** Path of the helm binary. */
  helm: string;
  /** The registry, for example "127.0.0.1:20002". */
  registry: string;
  /** Folder that caches packages across labs. */
  cacheDir: string;
  /** Folders of the Go modules, by module path. */
  modules: Record<string, string>;
  /** Helm's home, separate from the user's. */
  helmHome: string;
  /** Folder that Helm repositories are served from: one folder for each host. */
  repositories: string;
}

export interface PublishedChart {
  name: string;
  version: string;
  real: boolean;
  /** False if the registry already had this package. */
  pushed: boolean;
}

/**
 * Packages all charts of {@link chartSources} and publishes them as their publishers do: in the lab's registry, under the host and
 * repository of the real one, or in a Helm repository. Skips packages that exist already.
 * @throws Error with one line per chart that failed, after trying all of them
 */
export async function publishCharts(config: ChartsConfig): Promise<PublishedChart[]> {
  fs.mkdirSync(config.cacheDir, { recursive: true });
  const published: PublishedChart[] = [];
  const problems: string[] = [];
  // Sequentially, because each packaging and push already uses a full core.
  for (const [name, source] of Object.entries(chartSources)) {
    try {
      const moduleDir = source.module === undefined ? undefined : config.modules[source.module];
      const archive = await packageChart(name, source, { helm: config.helm, cacheDir: config.cacheDir, moduleDir });
      const publish = source.helmRepository === true ? addToRepository : push;
      const pushed = await publish(config, source, archive);
      published.push({ name, version: source.version, real: source.real, pushed });
    } catch (error) {
      problems.push(`chart ${name} ${source.version}: ${(error as Error).message}`);
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return published;
}

/** Pushes an archive to the registry. False if the registry has it already. */
async function push(config: ChartsConfig, source: ChartSource, archive: string): Promise<boolean> {
  if (await isPublished(config.registry, source, archive)) return false;
  const target = `oci://${config.registry}/${repositoryOf(source)}`;
  await execa(config.helm, ['push', archive, target, '--plain-http'], { env: helmEnv(config) });
  return true;
}

/** Adds an archive to its Helm repository, and to the repository's index. False if it exists already. */
async function addToRepository(config: ChartsConfig, source: ChartSource, archive: string): Promise<boolean> {
  const folder = path.join(config.repositories, repositoryOf(source));
  const file = path.join(folder, `${path.posix.basename(source.ociPath)}-${source.version}.tgz`);
  const index = path.join(folder, 'index.yaml');
  const old = fs.existsSync(index) && fs.existsSync(file) ? fs.readFileSync(file) : undefined;
  if (old?.equals(fs.readFileSync(archive))) return false;
  fs.mkdirSync(folder, { recursive: true });
  fs.copyFileSync(archive, file);
  const url = `https://${repositoryOf(source)}`;
  await execa(config.helm, ['repo', 'index', folder, '--url', url], { env: helmEnv(config) });
  return true;
}

function repositoryOf({ ociPath }: ChartSource): string {
  return ociPath.slice(0, ociPath.lastIndexOf('/'));
}

function helmEnv({ helmHome }: ChartsConfig): Record<string, string> {
  return {
    HELM_CACHE_HOME: path.join(helmHome, 'cache'),
    HELM_CONFIG_HOME: path.join(helmHome, 'config'),
    HELM_DATA_HOME: path.join(helmHome, 'data'),
  };
}

/** Whether the registry has this archive under the chart's tag. */
async function isPublished(registry: string, source: ChartSource, archive: string): Promise<boolean> {
  const response = await fetch(`http://${registry}/v2/${source.ociPath}/manifests/${source.version}`, {
    headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
  });
  if (!response.ok) return false;
  const { layers } = (await response.json()) as { layers?: { digest: string }[] };
  const digest = `sha256:${createHash('sha256').update(fs.readFileSync(archive)).digest('hex')}`;
  return layers?.some((layer) => layer.digest === digest) ?? false;
}

async function main(): Promise<void> {
  const [, , file] = process.argv;
  if (file === undefined) throw new Error('missing argument: the path of a JSON configuration file');
  const config = readJson<ChartsConfig>(file);
  if (config === undefined) throw new Error(`${file} does not exist`);
  for (const { name, version, real, pushed } of await publishCharts(config)) {
    console.log(`chart ${name} ${version}${real ? '' : ' (stand-in)'}: ${pushed ? 'pushed' : 'already published'}`);
  }
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(`lab charts: ${(error as Error).message}`);
    process.exit(1);
  });
}
