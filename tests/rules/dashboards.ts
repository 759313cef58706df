import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlacedQuery } from './checkQueries';

/** Where the dashboards are, relative to the root. */
export const dashboardFolder = 'kubernetes/infrastructure/observability/grafana/dashboards';

interface Target {
  expr?: string;
  query?: unknown;
  datasource?: { type?: string };
}

interface Panel {
  title?: string;
  datasource?: { type?: string };
  targets?: Target[];
  panels?: Panel[];
}

const languages: Readonly<Record<string, PlacedQuery['language']>> = {
  prometheus: 'metricsql',
  'victoriametrics-metrics-datasource': 'metricsql',
  'victoriametrics-logs-datasource': 'logsql',
};

/** The queries of every panel of a dashboard. Throws if a panel asks a data source whose language is not known. */
export function queriesOfDashboard(file: string, text: string): PlacedQuery[] {
  const { panels = [] } = JSON.parse(text) as { panels?: Panel[] };
  const every = (panel: Panel): Panel[] => [panel, ...(panel.panels ?? []).flatMap(every)];
  return panels.flatMap(every).flatMap(({ title = '', datasource, targets = [] }) =>
    targets.flatMap((target) => {
      const query = target.expr ?? (typeof target.query === 'string' ? target.query : undefined);
      if (query === undefined || query === '') return [];
      const type = target.datasource?.type ?? datasource?.type ?? '';
      const language = languages[type];
      if (language === undefined) throw new Error(`${file}: panel ${title}: unknown data source ${type}`);
      return [{ where: `${file}: ${title}`, language, text: query }];
    }),
  );
}

/** The queries of all dashboards. */
export function dashboardQueries(root: string): PlacedQuery[] {
  const folder = join(root, dashboardFolder);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => queriesOfDashboard(`${dashboardFolder}/${name}`, readFileSync(join(folder, name), 'utf8')));
}
