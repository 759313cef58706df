/** A query of a panel. */
export interface Query {
  /** MetricsQL, or LogsQL in a panel of logs. */
  expr: string;
  /** How each of its series is called: `{{cluster}} {{pod}}`. */
  legend: string;
}

/** A panel of a dashboard. */
export interface Panel {
  title: string;
  /** A number for now, a graph, or the lines of logs themselves. */
  type: 'stat' | 'timeseries' | 'logs';
  /** Grafana's id of a unit: `short`, `bytes`, `percentunit`, `s`. */
  unit: string;
  queries: readonly Query[];
  /** A number is green below the first of these, orange from it and red from the second. */
  bad?: readonly [warning: number, critical: number];
  /** As `bad`, where less is worse: red below the first, orange below the second. */
  low?: readonly [critical: number, warning: number];
  /** What a value is called. */
  names?: Readonly<Record<number, string>>;
}

/** What an operator looks at first. */
export interface Dashboard {
  /** Its file's name and its address in Grafana. */
  id: string;
  title: string;
  panels: readonly Panel[];
}

/** The uids of Grafana's data sources, which its HelmRelease declares. */
export const dataSources = {
  metrics: { type: 'prometheus', uid: 'metrics' },
  logs: { type: 'victoriametrics-logs-datasource', uid: 'logs' },
} as const;

/** The variable that every query uses. */
const chosen = 'cluster=~"$cluster"';

/** A selector of the chosen clusters: `up{cluster=~"$cluster",job="x"}`. */
export function of(metric: string, labels = ''): string {
  return `${metric}{${chosen}${labels === '' ? '' : `,${labels}`}}`;
}

/** What a counter of the chosen clusters does in a second. */
export function perSecond(metric: string, labels = ''): string {
  return `rate(${of(metric, labels)}[5m])`;
}

/** A count by cluster that is 0, and not absent, where there is nothing to count. */
export function orZero(expr: string, all: string): string {
  return `${expr} or on (cluster) 0 * count by (cluster) (${of(all)})`;
}

/** A LogsQL query over the chosen clusters. */
export function logsOf(filter: string): string {
  return `{${chosen}} ${filter}`;
}

const columns = 24;
const sizes = {
  stat: { w: 6, h: 4 },
  timeseries: { w: 12, h: 8 },
  logs: { w: 24, h: 10 },
} as const satisfies Record<Panel['type'], { w: number; h: number }>;

/** The file that Grafana reads. */
export function dashboardText({ id, title, panels }: Dashboard): string {
  return `${JSON.stringify(
    {
      uid: id,
      title,
      schemaVersion: 39,
      editable: false,
      timezone: 'browser',
      refresh: '1m',
      time: { from: 'now-6h', to: 'now' },
      templating: { list: [clusterVariable] },
      panels: placed(panels).map(([panel, gridPos], index) => panelOf(panel, index + 1, gridPos)),
    },
    undefined,
    2,
  )}\n`;
}

const clusterVariable = {
  name: 'cluster',
  label: 'Cluster',
  type: 'query',
  datasource: dataSources.metrics,
  query: { qryType: 1, query: 'label_values(up, cluster)', refId: 'cluster' },
  refresh: 2,
  sort: 1,
  multi: true,
  includeAll: true,
  allValue: '.+',
  current: { text: 'All', value: '$__all' },
};

interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** From left to right; a new row where the next panel does not fit or has another height. */
function placed(panels: readonly Panel[]): [Panel, Place][] {
  let [x, y, height] = [0, 0, 0];
  return panels.map((panel) => {
    const { w, h } = sizes[panel.type];
    if (x + w > columns || (x > 0 && h !== height)) [x, y] = [0, y + height];
    const place = { x, y, w, h };
    [x, height] = [x + w, h];
    return [panel, place];
  });
}

function panelOf(panel: Panel, id: number, gridPos: Place): object {
  const { title, type, unit, queries } = panel;
  const datasource = type === 'logs' ? dataSources.logs : dataSources.metrics;
  const steps = stepsOf(panel);
  const options = {
    stat: { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'value', textMode: 'auto' },
    timeseries: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    logs: { showTime: true, wrapLogMessage: true, sortOrder: 'Descending' },
  }[type];
  return {
    id,
    title,
    type,
    datasource,
    gridPos,
    fieldConfig: {
      defaults: {
        unit,
        ...(panel.names !== undefined && { mappings: [{ type: 'value', options: mappingsOf(panel.names) }] }),
        ...(steps !== undefined && { thresholds: { mode: 'absolute', steps } }),
        ...(type === 'timeseries' && { custom: { fillOpacity: 10, showPoints: 'never' } }),
      },
      overrides: [],
    },
    options,
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode('A'.charCodeAt(0) + index),
      datasource,
      expr,
      legendFormat: legend,
      ...(type === 'stat' && { instant: true }),
      ...(type === 'logs' && { queryType: 'instant' }),
    })),
  };
}

function stepsOf({ bad, low }: Panel): { color: string; value: number | null }[] | undefined {
  const [first, second] = bad ?? low ?? [];
  if (first === undefined || second === undefined) return undefined;
  const colors = bad === undefined ? ['red', 'orange', 'green'] : ['green', 'orange', 'red'];
  return colors.map((color, index) => ({ color, value: [null, first, second][index] ?? null }));
}

function mappingsOf(names: Readonly<Record<number, string>>): Record<string, { text: string }> {
  return Object.fromEntries(Object.entries(names).map(([value, text]) => [value, { text }]));
}
