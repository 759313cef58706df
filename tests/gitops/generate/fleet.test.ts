import { type ListedCluster, fleetProblems, storingCluster } from '../../../gitops/generate/fleet';

const cluster = (name: string, ...systems: string[]): ListedCluster => ({ name, systems: new Set(systems) });
const store = cluster('a', 'metrics', 'metrics-store');
const remote = cluster('b', 'metrics', 'metrics-store-remote');

test('the cluster that stores is the one that lists metrics-store', () => {
  expect(storingCluster([remote, store])).toBe(store);
  expect(storingCluster([remote])).toBeUndefined();
  expect(storingCluster([])).toBeUndefined();
});

test('a fleet without metrics, one that stores for itself, and one that stores for the others are fine', () => {
  expect(fleetProblems([cluster('a', 'core'), cluster('b')])).toEqual([]);
  expect(fleetProblems([store])).toEqual([]);
  expect(fleetProblems([store, remote, cluster('c')])).toEqual([]);
});

test('two clusters that store are refused, and none of them is taken', () => {
  const fleet = [store, cluster('b', 'metrics-store')];
  expect(storingCluster(fleet)).toBeUndefined();
  expect(fleetProblems(fleet)).toEqual([
    {
      cluster: 'b',
      system: 'metrics-store',
      what: 'stores metrics, and so does a',
      todo: 'list metrics-store on one of them, and metrics-store-remote on the other',
    },
  ]);
});

test('a cluster that sends to none, and one that does both, are refused', () => {
  expect(fleetProblems([remote])).toEqual([
    {
      cluster: 'b',
      system: 'metrics-store-remote',
      what: 'sends its metrics to another cluster, but none stores them',
      todo: 'list metrics-store on one cluster',
    },
  ]);
  expect(fleetProblems([cluster('a', 'metrics-store', 'metrics-store-remote')])).toEqual([
    {
      cluster: 'a',
      system: 'metrics-store-remote',
      what: 'both stores metrics and sends them elsewhere',
      todo: 'remove metrics-store or metrics-store-remote from its list',
    },
  ]);
});

test('a cluster that sends must store, or know who does', () => {
  expect(fleetProblems([store, cluster('b', 'core', 'flux-alerts', 'logs')])).toEqual([
    {
      cluster: 'b',
      system: 'logs',
      what: 'lists logs, but sends to no cluster that stores',
      todo: 'list metrics-store-remote there, or remove logs',
    },
  ]);
  expect(fleetProblems([cluster('a', 'metrics')])).toEqual([
    {
      cluster: 'a',
      system: 'metrics',
      what: 'lists metrics, but sends to no cluster that stores',
      todo: 'list metrics-store there, or remove metrics',
    },
  ]);
});
