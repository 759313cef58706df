import type { BootstrapInputs } from '../../cluster/bootstrapInputs';
import { runCommand, tailOf } from '../../clients/process/runCommand';
import { helmEnvironment } from '../../clients/helm/environment';
import { inParallel } from '../../clients/process/inParallel';
import { withTempDir } from '../../clients/process/tempDir';
import { failed, type Line, ok, skipped } from './checkResult';

/** A chart that the bootstrap installs or takes CRDs from. */
export interface Chart {
  url: string;
  version: string;
}

const helmsAtATime = 3;

/** The charts of the bootstrap, each once, sorted. */
export function bootstrapCharts({ crds, releases }: BootstrapInputs): Chart[] {
  const all = [...crds.flatMap((source) => (source.kind === 'chart' ? [source] : [])), ...releases];
  const charts = new Map(all.map(({ chartUrl, version }) => [`${chartUrl} ${version}`, { url: chartUrl, version }]));
  return [...charts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, chart]) => chart);
}

/** Whether Helm finds each chart at its registry. Without a Helm that will do (`helm` is its line) nothing is asked. */
export async function checkCharts(charts: readonly Chart[], helm: Line, signal: AbortSignal): Promise<Line[]> {
  if (helm.state !== 'ok') return charts.map((chart) => skipped(chartLine(chart), `because of: ${helm.what}`));
  return withTempDir(async (directory) => {
    const env = await helmEnvironment(directory);
    return inParallel(helmsAtATime, charts, async (chart) => {
      const args = ['show', 'chart', chart.url, '--version', chart.version];
      const { code, stderr } = await runCommand({ file: 'helm', args, env, cwd: directory, signal });
      if (code === 0) return ok(chartLine(chart), 'found');
      const fix = 'correct its URL and version in Git, or the way by which this machine reaches the registry';
      return failed(chartLine(chart), tailOf(stderr, 1).replace(/^Error: /, ''), fix);
    });
  });
}

function chartLine({ url, version }: Chart): Pick<Line, 'id' | 'what'> {
  return { id: `chart:${url}`, what: `chart ${url} ${version}` };
}
