import { CpuAccounts, parseProcessStat } from '../../../bench/lab/cpuAccounts';
import { nameProcess } from '../../../bench/lab/processName';

const stat = (name: string, state = 'S'): string =>
  `42 (${name}) ${state} 7 42 42 0 -1 4194560 1 2 3 4 500 60 70 8 20 0 9 0 12345 1 2 3`;

test('reads the stat file of a process whose name contains spaces and parentheses', () => {
  const times = { pid: 42, ppid: 7, startTicks: 12345, ownTicks: 560, childTicks: 78 };
  expect(parseProcessStat(42, stat('node'))).toEqual(times);
  expect(parseProcessStat(42, stat('a) R 1 (b'))).toEqual(times);
});

test('a zombie and other text are not reported', () => {
  expect(parseProcessStat(42, stat('node', 'Z'))).toBeUndefined();
  expect(parseProcessStat(42, '')).toBeUndefined();
});

const startOf = (ticks: number): number => ticks * 10;
const lab = { name: 'lab up' };
const helm = { name: 'helm', cluster: 'infra' };
const one = (pid: number, ppid: number, startTicks: number, ownTicks: number, childTicks: number, who = lab) => ({
  ...{ pid, ppid, startTicks, ownTicks, childTicks, who },
});

test('a child that ended between samples is booked once: its last sample as its own, the rest as short-lived', () => {
  const accounts = new CpuAccounts();
  accounts.book(1000, [one(1, 0, 5, 100, 0), one(2, 1, 50, 200, 0, helm)], startOf);
  accounts.book(1500, [one(1, 0, 5, 110, 0), one(2, 1, 50, 300, 0, helm)], startOf);
  // The child used 330 ticks in all, and another child of 20 ticks was never seen.
  accounts.book(2000, [one(1, 0, 5, 120, 350)], startOf);
  expect(accounts.records()).toEqual([
    { name: 'helm', cluster: 'infra', start: 500, end: 1500, processes: 1, cpuSeconds: 3 },
    { name: 'lab up', start: 50, end: undefined, processes: 1, cpuSeconds: 1.2 },
    { name: 'lab up: short-lived children', start: 50, end: undefined, processes: 1, cpuSeconds: 0.5 },
  ]);
  expect(accounts.byCluster()).toEqual({ shared: 1.7, infra: 3 });
});

test('a child and its parent that ended together are booked once each', () => {
  const accounts = new CpuAccounts();
  const pulumi = { name: 'pulumi' };
  const before = [one(1, 0, 5, 100, 0), one(2, 1, 50, 200, 30, pulumi), one(3, 2, 60, 400, 0, helm)];
  accounts.book(1000, before, startOf);
  // The kernel has added 200 + 30 + 400 ticks, and 10 that both used since the last sample.
  accounts.book(1500, [one(1, 0, 5, 100, 640)], startOf);
  expect(accounts.records().map(({ name, cpuSeconds }) => [name, cpuSeconds])).toEqual([
    ['helm', 4],
    ['pulumi', 2],
    ['lab up', 1],
    ['pulumi: short-lived children', 0.3],
    ['lab up: short-lived children', 0.1],
  ]);
});

test('a reused pid is another process, and processes of one name are one record', () => {
  const accounts = new CpuAccounts();
  accounts.book(1000, [one(2, 1, 50, 200, 0, helm)], startOf);
  expect(accounts.find(2, 50)).toEqual(helm);
  accounts.book(2000, [one(2, 1, 150, 100, 0, helm)], startOf);
  expect(accounts.find(2, 50)).toBeUndefined();
  expect(accounts.find(3, 50)).toBeUndefined();
  expect(accounts.records()).toEqual([
    { name: 'helm', cluster: 'infra', start: 500, end: undefined, processes: 2, cpuSeconds: 3 },
  ]);
});

const clusters = { infra: ['infra-01', 'infra-02'], apps: ['apps-01'] };
const name = (command: string, owner?: string, parent?: { name: string; cluster?: string }) =>
  nameProcess({ argv: command.split(' '), owner, parent, clusters });

test.each([
  ['crane registry serve', 'chart-registry', { name: 'crane' }],
  ['/usr/bin/node --require /x/tsx.cjs /w/lab/services/git/server.ts c.json', 'git', { name: 'git' }],
  ['/usr/bin/node /w/bin/run.js /w/lab/services/git/server.ts c.json', 'git', { name: 'git' }],
  ['/usr/bin/node /w/bin/run.js /w/lab/agent/main.ts c', 'agent-apps', { name: 'agent', cluster: 'apps' }],
  ['/t/talos-machine --config c.json', 'machine-infra-02', { name: 'talos-machine', cluster: 'infra' }],
  ['/t/kube-apiserver --etcd x', 'machine-apps-01', { name: 'kube-apiserver', cluster: 'apps' }],
  ['/t/pulumi up --yes --stack infra', 'pulumi', { name: 'pulumi', cluster: 'infra' }],
  ['node /m/@pulumi/pulumi/cmd/run/index.js --stack=apps', 'pulumi', { name: 'pulumi program', cluster: 'apps' }],
  ['node /w/provider/pulumi-resource-platform 1:2', 'pulumi', { name: 'pulumi-resource-platform' }],
  ['/usr/bin/node --import tsx /w/lab/cli.ts up', undefined, { name: 'lab up' }],
  ['', undefined, { name: 'unknown' }],
])('names %j of %s', (command, owner, expected) => {
  expect(name(command, owner)).toEqual(expected);
});

test('a child without a cluster of its own has that of its parent', () => {
  const parent = { name: 'pulumi', cluster: 'infra' };
  expect(name('node /w/pulumi-resource-platform 1:2', 'pulumi', parent).cluster).toBe('infra');
  expect(name('/m/bin/esbuild --ping', 'pulumi', parent)).toEqual({ name: 'esbuild of pulumi', cluster: 'infra' });
});
