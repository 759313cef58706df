import { expectedSeries } from '../../gitops/generate/expected';
import { jobsOfSystem } from '../../gitops/generate/expectedJobs';
import { checkQueries, type PlacedQuery, withoutVariables } from './checkQueries';
import { dashboardQueries, queriesOfDashboard } from './dashboards';
import { defines, exporters, moduleOf, sourceOf } from './exporters';
import { readTopics, root } from './ruleObjects';

// On a clean machine, its tools are built first.
jest.setTimeout(20 * 60_000);

const rules = readTopics().flatMap(({ file, groups }) =>
  groups.flatMap((group) => group.rules.map((rule) => ({ file, ...rule }))),
);
const jobs = new Set(Object.values(jobsOfSystem).flat());
const recorded = new Set([expectedSeries, ...rules.flatMap(({ record }) => record ?? [])]);

test('every rule parses, keeps cluster, and asks for metrics that a scrape job exports', async () => {
  const queries = rules.map(({ file, alert, record, expr, labels }): PlacedQuery => ({
    where: `${file}: ${alert ?? record ?? ''}`,
    language: 'metricsql',
    text: expr,
    namesCluster: labels?.['cluster'] !== undefined,
  }));
  expect(await checkQueries(queries, jobs, recorded)).toEqual({ problems: [], unknown: [] });
});

test('every query of a dashboard does, too', async () => {
  expect(await checkQueries(dashboardQueries(root), jobs, recorded)).toEqual({ problems: [], unknown: [] });
});

test('what is wrong with a query is said', async () => {
  const query = (text: string, rest: Partial<PlacedQuery> = {}): PlacedQuery => ({
    where: text,
    language: 'metricsql',
    text,
    ...rest,
  });
  const { problems, unknown } = await checkQueries(
    [
      query('up == 0'),
      query('sum(up)'),
      query('sum(up)', { namesCluster: true }),
      query('sum(up{cluster="$cluster"}) / count(up{cluster="$cluster"})'),
      query('sum(up{cluster=~"$cluster"})'),
      query('up{job="elsewhere"}'),
      query('etcd_server_has_leader{job="kubelet"}'),
      query('no_such_metric > 0'),
      query('{job="etcd"}'),
      query('error | stats count() lines', { language: 'logsql' }),
      query('cluster:="$cluster" | stats by (cluster) count() lines', { language: 'logsql' }),
      query('sum('),
    ],
    new Set(['etcd', 'kubelet']),
    new Set(),
  );
  expect(problems).toEqual([
    'sum(up): loses cluster in sum(up)',
    'sum(up{cluster=~"$cluster"}): loses cluster in sum(up{cluster=~"$cluster"})',
    'up{job="elsewhere"}: no scrape job exports up{job="elsewhere"}',
    'etcd_server_has_leader{job="kubelet"}: no scrape job exports etcd_server_has_leader{job="kubelet"}',
    'no_such_metric > 0: no scrape job exports no_such_metric',
    'error | stats count() lines: loses cluster in error | stats count(*) as lines',
    expect.stringMatching(/^sum\(: does not parse as metricsql: /),
  ]);
  expect(unknown).toEqual(['{job="etcd"}']);
});

test.each([
  ['rate(a[$__rate_interval])', 'rate(a[5m])'],
  ['rate(a[${__interval:raw}])', 'rate(a[5m])'],
  ['a{job=~"$job"} > $limit', 'a{job=~"$job"} > 1'],
  ['a{job="${job:regex}"}', 'a{job="$job"}'],
])('withoutVariables(%j)', (text, expected) => {
  expect(withoutVariables(text)).toBe(expected);
});

test('a dashboard has the queries of its panels and rows, each in the language of its data source', () => {
  const metrics = { type: 'prometheus' };
  const logs = { type: 'victoriametrics-logs-datasource' };
  const panels = [
    { title: 'One', datasource: metrics, targets: [{ expr: 'up' }, { expr: '' }] },
    { title: 'Row', panels: [{ title: 'Two', targets: [{ datasource: logs, expr: 'error' }] }] },
    { title: 'Text' },
  ];
  expect(queriesOfDashboard('a.json', JSON.stringify({ panels }))).toEqual([
    { where: 'a.json: One', language: 'metricsql', text: 'up' },
    { where: 'a.json: Two', language: 'logsql', text: 'error' },
  ]);
  const odd = { panels: [{ title: 'Odd', datasource: { type: 'loki' }, targets: [{ expr: '{}' }] }] };
  expect(() => queriesOfDashboard('a.json', JSON.stringify(odd))).toThrow(
    'a.json: panel Odd: unknown data source loki',
  );
});

test('every job of the table is one that a system has', () => {
  const named = Object.values(exporters).flatMap((exporter) => exporter.jobs ?? []);
  expect(named.filter((job) => !jobs.has(job))).toEqual([]);
});

/** What only people have looked up: the number that has to be said when it is said that names are checked. */
test('78 names are looked up in pinned sources, if those are here; of 110, people have read the source', async () => {
  const all = Object.entries(exporters);
  const count = (isPinned: boolean): number =>
    all
      .filter(([, exporter]) => (moduleOf(exporter) !== undefined) === isPinned)
      .reduce((sum, [, { names }]) => sum + names.length, 0);
  expect({ pinned: count(true), cited: count(false) }).toEqual({ pinned: 78, cited: 110 });
  for (const [name, exporter] of all) {
    const text = await sourceOf(exporter);
    if (text === undefined) continue;
    expect([name, exporter.names.filter((metric) => !defines(text, metric))]).toEqual([name, []]);
  }
});
