import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Panel, dashboardText, logsOf, of, orZero, perSecond } from '../../gitops/dashboards/dashboard';
import { dashboardFiles, dashboardFolder, dashboards } from '../../gitops/dashboards/dashboards';

const root = join(__dirname, '..', '..');
const grafana = join(root, 'kubernetes/infrastructure/observability/grafana');

interface File {
  uid: string;
  templating: { list: { name: string }[] };
  panels: {
    id: number;
    title: string;
    type: string;
    datasource: { uid: string };
    gridPos: { x: number; y: number; w: number; h: number };
    fieldConfig: { defaults: { unit: string; thresholds?: object; mappings?: object } };
    targets: { refId: string; expr: string; datasource: object }[];
  }[];
}

const fileOf = (name: string): File => JSON.parse(readFileSync(join(root, dashboardFolder, name), 'utf8')) as File;
const names = readdirSync(join(root, dashboardFolder)).sort();

test('the files are those that `npm run docs` writes', () => {
  expect(names.map((name) => `${dashboardFolder}/${name}`)).toEqual(
    dashboardFiles()
      .map(({ path }) => path)
      .sort(),
  );
  for (const { path, text } of dashboardFiles())
    expect([path, readFileSync(join(root, path), 'utf8')]).toEqual([path, text]);
});

test('Grafana gets all of them, and declares the data sources that they use', () => {
  const kustomization = parse(readFileSync(join(grafana, 'kustomization.yaml'), 'utf8')) as {
    configMapGenerator: { files: string[] }[];
  };
  expect(kustomization.configMapGenerator[0]?.files).toEqual(names.map((name) => `dashboards/${name}`));
  const release = parse(readFileSync(join(grafana, 'helmrelease.yaml'), 'utf8')) as {
    spec: { values: { datasources: { 'datasources.yaml': { datasources: { uid: string; type: string }[] } } } };
  };
  const declared = release.spec.values.datasources['datasources.yaml'].datasources;
  expect(declared.map(({ uid, type }) => `${uid} ${type}`)).toEqual([
    'metrics prometheus',
    'logs victoriametrics-logs-datasource',
    'alerts alertmanager',
  ]);
});

test.each(names)('%s', (name) => {
  const { uid, templating, panels } = fileOf(name);
  expect(`${uid}.json`).toBe(name);
  expect(templating.list.map((variable) => variable.name)).toEqual(['cluster']);
  expect(panels.length).toBeGreaterThanOrEqual(6);
  expect(panels.length).toBeLessThanOrEqual(11);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  for (const { title, type, datasource, fieldConfig, targets, gridPos } of panels) {
    expect([title, datasource.uid]).toEqual([title, type === 'logs' ? 'logs' : 'metrics']);
    expect([title, fieldConfig.defaults.unit]).not.toEqual([title, undefined]);
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    expect(targets.length).toBeGreaterThan(0);
    for (const { expr, datasource: own } of targets) {
      expect(own).toEqual(datasource);
      // Every selector is of the chosen clusters, and none is without labels.
      const selectors = expr.match(/\{[^}]*\}/g) ?? [];
      expect(selectors.length).toBeGreaterThan(0);
      expect([expr, selectors.filter((selector) => !selector.startsWith('{cluster=~"$cluster"'))]).toEqual([expr, []]);
      // A sum without `cluster` would mix them.
      const groups = [...expr.matchAll(/\b(?:sum|min|max|avg|count)\b(?: by \(([^)]*)\))?/g)].map(([, by]) => by ?? '');
      expect([expr, groups.filter((by) => !by.split(', ').includes('cluster'))]).toEqual([expr, []]);
      const joins = [...expr.matchAll(/\bon \(([^)]*)\)/g)].map(([, on]) => on ?? '');
      expect([expr, joins.filter((on) => !on.split(', ').includes('cluster'))]).toEqual([expr, []]);
    }
  }
});

test('no two panels cover each other', () => {
  for (const name of names) {
    const cells = fileOf(name).panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect([name, new Set(cells).size]).toEqual([name, cells.length]);
  }
});

test('the ids and titles of dashboards are unique', () => {
  expect(new Set(dashboards.map(({ id }) => id)).size).toBe(dashboards.length);
  expect(new Set(dashboards.map(({ title }) => title)).size).toBe(dashboards.length);
});

test('selectors', () => {
  expect(of('up')).toBe('up{cluster=~"$cluster"}');
  expect(of('up', 'job="a"')).toBe('up{cluster=~"$cluster",job="a"}');
  expect(perSecond('a_total')).toBe('rate(a_total{cluster=~"$cluster"}[5m])');
  expect(orZero('x', 'up')).toBe('x or on (cluster) 0 * count by (cluster) (up{cluster=~"$cluster"})');
  expect(logsOf('error')).toBe('{cluster=~"$cluster"} error');
});

test('a panel is placed, coloured and named as it says', () => {
  const panel = (title: string, type: Panel['type'], more: Partial<Panel> = {}): Panel => ({
    title,
    type,
    unit: 'short',
    queries: [{ expr: of('up'), legend: '{{cluster}}' }],
    ...more,
  });
  const text = dashboardText({
    id: 'a',
    title: 'A',
    panels: [
      panel('one', 'stat', { bad: [1, 2], names: { 0: 'none' } }),
      panel('two', 'stat', { low: [1, 4] }),
      panel('three', 'timeseries'),
      panel('four', 'logs'),
    ],
  });
  const { panels } = JSON.parse(text) as File;
  expect(panels.map(({ gridPos }) => gridPos)).toEqual([
    { x: 0, y: 0, w: 6, h: 4 },
    { x: 6, y: 0, w: 6, h: 4 },
    { x: 0, y: 4, w: 12, h: 8 },
    { x: 0, y: 12, w: 24, h: 10 },
  ]);
  expect(panels[0]?.fieldConfig.defaults).toEqual({
    unit: 'short',
    mappings: [{ type: 'value', options: { 0: { text: 'none' } } }],
    thresholds: {
      mode: 'absolute',
      steps: [
        { color: 'green', value: null },
        { color: 'orange', value: 1 },
        { color: 'red', value: 2 },
      ],
    },
  });
  expect(panels[1]?.fieldConfig.defaults.thresholds).toEqual({
    mode: 'absolute',
    steps: [
      { color: 'red', value: null },
      { color: 'orange', value: 1 },
      { color: 'green', value: 4 },
    ],
  });
});
