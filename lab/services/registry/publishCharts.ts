import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { readJson } from '../../files';
import { chartSources, type ChartSource } from './chartSources';
import { packageChart } from './packageChart';

const run = promisify(execFile);

/** Configuration of the job that fills the lab's chart registry. */
export interface ChartsConfig {
  helm: string;
  /** The registry, for example "127.0.0.1:20002". */
  registry: string;
  /** Folder that keeps packages between labs. */
  cacheDir: string;
  /** Folders of Go modules, by module path. */
  modules: Record<string, string>;
  /** Helm's own folder, so that the user's is not touched. */
  helmHome: string;
}

/** What became of one chart. */
export interface PublishedChart {
  name: string;
  version: string;
  real: boolean;
  /** False when the registry had this very package already. */
  pushed: boolean;
}

/**
 * Packages every chart of {@link chartSources} and pushes it to the registry, at `<host>/<repository>` of the registry
 * that it stands in for. Leaves alone what is there already.
 */
export async function publishCharts(config: ChartsConfig): Promise<PublishedChart[]> {
  fs.mkdirSync(config.cacheDir, { recursive: true });
  const published: PublishedChart[] = [];
  const problems: string[] = [];
  // One after the other: Helm's packaging and pushing keep a core busy by themselves.
  for (const [name, source] of Object.entries(chartSources)) {
    try {
      const moduleDir = source.module === undefined ? undefined : config.modules[source.module];
      const archive = await packageChart(name, source, { helm: config.helm, cacheDir: config.cacheDir, moduleDir });
      const pushed = !(await isPublished(config.registry, source, archive));
      if (pushed) await push(config, source, archive);
      published.push({ name, version: source.version, real: source.real, pushed });
    } catch (error) {
      problems.push(`chart ${name} ${source.version}: ${(error as Error).message}`);
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return published;
}

async function push(config: ChartsConfig, source: ChartSource, archive: string): Promise<void> {
  const repository = source.ociPath.slice(0, source.ociPath.lastIndexOf('/'));
  const env = {
    ...process.env,
    HELM_CACHE_HOME: path.join(config.helmHome, 'cache'),
    HELM_CONFIG_HOME: path.join(config.helmHome, 'config'),
    HELM_DATA_HOME: path.join(config.helmHome, 'data'),
  };
  await run(config.helm, ['push', archive, `oci://${config.registry}/${repository}`, '--plain-http'], { env });
}

/** Whether the registry has this very archive under the chart's tag. */
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
  const config = file === undefined ? undefined : readJson<ChartsConfig>(file);
  if (config === undefined) throw new Error('wanted: the path of a JSON configuration file');
  for (const { name, version, real, pushed } of await publishCharts(config)) {
    console.log(`chart ${name} ${version}${real ? '' : ' (stand-in)'}: ${pushed ? 'pushed' : 'already there'}`);
  }
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(`lab charts: ${(error as Error).message}`);
    process.exit(1);
  });
}
