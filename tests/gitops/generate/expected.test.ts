import { parse } from 'yaml';
import { expectedJobs, expectedText } from '../../../gitops/generate/expected';
import { jobsOfSystem } from '../../../gitops/generate/expectedJobs';
import type { ListedCluster } from '../../../gitops/generate/fleet';

const cluster = (name: string, ...systems: string[]): ListedCluster => ({ name, systems: new Set(systems) });

test('each cluster that measures should have the jobs of its systems, and no others', () => {
  const fleet = [
    cluster('b', 'metrics', 'volsync'),
    cluster('a', 'metrics', 'metrics-store', 'alert-rules', 'cloudflared', 'gateway-external'),
    cluster('c', 'cloudflared'),
  ];
  const [, storing] = fleet as [ListedCluster, ListedCluster];
  const { spec } = parse(expectedText(fleet, storing)) as {
    spec: { groups: { name: string; rules: { record: string; expr: string; labels: Record<string, string> }[] }[] };
  };
  const [group, ...more] = spec.groups;
  expect(more).toEqual([]);
  expect(new Set(group?.rules.map(({ record, expr }) => `${record} = ${expr}`))).toEqual(
    new Set(['cluster_job:expected = vector(1)']),
  );
  expect(group?.rules.map(({ labels }) => `${labels['cluster']} ${labels['job']}`)).toEqual(
    [
      ['a', ['networking/cloudflared', ...(jobsOfSystem['metrics'] ?? []), ...(jobsOfSystem['metrics-store'] ?? [])]],
      ['b', ['volsync-metrics', ...(jobsOfSystem['metrics'] ?? [])]],
    ].flatMap(([name, jobs]) => [...(jobs as string[])].sort().map((job) => `${name as string} ${job}`)),
  );
});

test('nothing is written where no rule asks, or where no cluster measures', () => {
  const asking = cluster('a', 'metrics-store', 'alert-rules');
  expect(expectedText([asking], asking)).toBe('');
  const silent = cluster('a', 'metrics', 'metrics-store');
  expect(expectedText([silent], silent)).toBe('');
  expect(expectedJobs(cluster('a', 'core'))).toEqual([]);
});

test('a job belongs to one system', () => {
  const jobs = Object.values(jobsOfSystem).flat();
  expect(jobs.filter((job, index) => jobs.indexOf(job) !== index)).toEqual([]);
});
