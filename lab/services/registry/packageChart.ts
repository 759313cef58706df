import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import type { ChartSource } from './chartSources';
import { chartTreeVersion, standInCharts, writeChartTree } from './chartTree';

const run = promisify(execFile);

/** What packaging a chart needs. */
export interface PackageOptions {
  helm: string;
  /** Folder that keeps packages between labs. */
  cacheDir: string;
  /** Folder of the source's Go module, when it has one. */
  moduleDir?: string;
}

/** Packages a chart, or takes it from the cache when nothing that goes into it has changed; returns the archive's path. */
export async function packageChart(name: string, source: ChartSource, options: PackageOptions): Promise<string> {
  const archive = path.join(options.cacheDir, `${name}-${source.version}-${chartKey(name, source, options)}.tgz`);
  if (fs.existsSync(archive)) return archive;
  const work = `${archive}.${process.pid}.tmp`;
  fs.rmSync(work, { recursive: true, force: true });
  try {
    const tree = path.join(work, name);
    writeChartTree(name, source, options.moduleDir, tree);
    const versions = ['--version', source.version, '--app-version', source.appVersion];
    await run(options.helm, ['package', tree, '--destination', work, ...versions]);
    fs.renameSync(path.join(work, `${name}-${source.version}.tgz`), archive);
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
  return archive;
}

/** Changes with everything that a package is made of. A module's folder has its version in its name. */
function chartKey(name: string, source: ChartSource, { moduleDir }: PackageOptions): string {
  const hash = createHash('sha256');
  hash.update(
    JSON.stringify([chartTreeVersion, name, source, moduleDir === undefined ? '' : path.basename(moduleDir)]),
  );
  const own = path.join(standInCharts, name);
  if (!source.real && fs.existsSync(own)) {
    const files = fs.readdirSync(own, { recursive: true, encoding: 'utf8' }).sort();
    for (const file of files) {
      const full = path.join(own, file);
      if (fs.statSync(full).isFile()) hash.update(`${file}\0`).update(fs.readFileSync(full));
    }
  }
  return hash.digest('hex').slice(0, 12);
}
