import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import execa from 'execa';
import type { ChartSource } from './chartSources';
import { chartTreeVersion, standInCharts, writeChartTree } from './chartTree';

export interface PackageOptions {
  /** Path of the helm binary. */
  helm: string;
  /** Folder that caches packages across labs. */
  cacheDir: string;
  /** Folder of the source's Go module, if it has one. */
  moduleDir?: string;
}

/** The path of a chart's package: the cached one if its sources have not changed, otherwise a new one. */
export async function packageChart(name: string, source: ChartSource, options: PackageOptions): Promise<string> {
  const archive = path.join(options.cacheDir, `${name}-${source.version}-${chartKey(name, source, options)}.tgz`);
  if (fs.existsSync(archive)) return archive;
  const work = `${archive}.${process.pid}.tmp`;
  fs.rmSync(work, { recursive: true, force: true });
  try {
    const tree = path.join(work, name);
    writeChartTree(name, source, options.moduleDir, tree);
    const versions = ['--version', source.version, '--app-version', source.appVersion];
    await execa(options.helm, ['package', tree, '--destination', work, ...versions]);
    fs.renameSync(path.join(work, `${name}-${source.version}.tgz`), archive);
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
  return archive;
}

/** Cache key of a package: a hash of its sources. For a Go module the folder's name suffices, as it has the version. */
function chartKey(name: string, source: ChartSource, { moduleDir }: PackageOptions): string {
  const hash = createHash('sha256');
  hash.update(
    JSON.stringify([chartTreeVersion, name, source, moduleDir === undefined ? '' : path.basename(moduleDir)]),
  );
  const folder = path.join(standInCharts, name);
  if (!source.real && fs.existsSync(folder)) {
    const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
    for (const file of files) {
      const full = path.join(folder, file);
      if (fs.statSync(full).isFile()) hash.update(`${file}\0`).update(fs.readFileSync(full));
    }
  }
  return hash.digest('hex').slice(0, 12);
}
