import * as fs from 'node:fs';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import { countReady } from '../../lab/up/conditions';
import { changesOfLastUpdate } from '../../lab/up/lastUpdate';
import { readSettled, type Reconciled } from '../../lab/up/readSettled';
import { decodeRelease, type StoredRelease } from '../../clients/helm/storedRelease';
import { reportReleases, type HelmReleaseObject } from '../../lab/up/releaseReport';
import { stackFacts } from '../../lab/up/stackState';
import { stackLocks } from '../../lab/up/stackLocks';
import { temporaryDir } from './helpers';

const dir = temporaryDir();

test('decodes a release from Helm’s storage', () => {
  const payload = {
    name: 'cilium',
    namespace: 'kube-system',
    version: 2,
    info: { status: 'deployed', description: 'Upgrade complete' },
    chart: { metadata: { name: 'cilium', version: '1.18.3', description: 'eBPF' }, values: {} },
    manifest: '---\nkind: DaemonSet\n',
  };
  const helm = gzipSync(JSON.stringify(payload)).toString('base64');
  expect(decodeRelease(Buffer.from(helm).toString('base64'))).toEqual({
    name: 'cilium',
    namespace: 'kube-system',
    revision: 2,
    status: 'deployed',
    description: 'Upgrade complete',
    chart: { name: 'cilium', version: '1.18.3', description: 'eBPF' },
    manifest: '---\nkind: DaemonSet\n',
  });
});

describe('reportReleases', () => {
  const stored = (name: string, revision: number, description = 'Install complete'): StoredRelease => ({
    name,
    namespace: 'ns',
    revision,
    status: 'deployed',
    description,
    chart: { name: `${name}-chart`, version: '1.0.0', description: name === 'coredns' ? 'lab stand-in' : 'real' },
    manifest: '',
  });
  const object = (name: string, versions: number[], ready: 'True' | 'False' = 'True'): HelmReleaseObject => ({
    metadata: { name, namespace: 'ns' },
    status: {
      conditions: [{ type: 'Ready', status: ready }],
      history: versions.map((version) => ({ name, namespace: 'ns', version })),
    },
  });

  test('installed by Pulumi, adopted by Flux', () => {
    const [report, ...rest] = reportReleases(
      [stored('cilium', 1), stored('cilium', 2)],
      [object('cilium', [2])],
      new Set(),
    );
    expect(rest).toEqual([]);
    expect(report).toEqual({
      name: 'cilium',
      namespace: 'ns',
      chart: 'cilium-chart',
      version: '1.0.0',
      revision: 2,
      installedBy: 'pulumi',
      ownedBy: 'flux',
      realChart: true,
    });
  });

  test('installed by Flux itself, from a stand-in chart', () => {
    const [report] = reportReleases([stored('coredns', 1)], [object('coredns', [1])], new Set());
    expect(report).toMatchObject({ installedBy: 'flux', ownedBy: 'flux', realChart: false });
  });

  test('Flux is not the owner while its HelmRelease is not ready or does not have the current revision', () => {
    const reports = reportReleases(
      [stored('a', 1), stored('a', 2), stored('b', 1), stored('b', 3)],
      [object('a', [2], 'False'), object('b', [2])],
      new Set(['ns/b']),
    );
    expect(reports.map(({ ownedBy }) => ownedBy)).toEqual(['pulumi', 'pulumi']);
    expect(reports[1]).toMatchObject({ revision: 3, installedBy: 'pulumi' });
  });
});

test('ready means that the Ready condition is True', () => {
  const withReady = (status: string) => ({ status: { conditions: [{ type: 'Ready', status }] } });
  expect(countReady([withReady('True'), withReady('False'), withReady('Unknown'), {}])).toEqual({ ready: 1, total: 4 });
});

describe('readSettled', () => {
  const object = (name: string, status?: string, message?: string): Reconciled => ({
    kind: 'Kustomization',
    metadata: { name, namespace: 'flux-system' },
    status: status === undefined ? undefined : { conditions: [{ type: 'Ready', status, message }] },
  });
  const settled = async (seconds: number, ...readings: Reconciled[][]) => {
    const reported: string[] = [];
    let reads = 0;
    const read = () => Promise.resolve(readings[Math.min(reads++, readings.length - 1)] ?? []);
    const progress = (line: string) => void reported.push(line);
    const signal = new AbortController().signal;
    const last = await readSettled(read, (found) => found, { seconds, intervalMilliseconds: 1, progress, signal });
    return { last, reads, reported };
  };

  test('rereads while something is being reconciled, then stops', async () => {
    const busy = [object('a', 'True'), object('b', 'Unknown', 'Reconciliation in progress')];
    const waits = [object('a', 'True'), object('b', 'True'), object('c', 'False', "dependency 'b' is not ready")];
    const ready = [object('a', 'True'), object('b', 'True'), object('c', 'True')];
    expect(await settled(60, busy, waits, ready, busy)).toEqual({ last: ready, reads: 3, reported: [] });
  });

  test('reports objects that stay unready, with the controller’s message, and returns the last reading', async () => {
    const broken = [object('a', 'True'), object('b', 'False', 'no such chart'), object('c')];
    const { last, reported } = await settled(0.05, broken);
    expect(last).toEqual(broken);
    expect(reported).toEqual([
      'not ready after 0.05 s: Kustomization flux-system/b: no such chart',
      'not ready after 0.05 s: Kustomization flux-system/c: its controller has not reported yet',
    ]);
  });

  test('does not wait for suspended objects', async () => {
    const suspended = [{ ...object('a', 'False', 'old failure'), spec: { suspend: true } }, object('b', 'True')];
    expect(await settled(60, suspended)).toEqual({ last: suspended, reads: 1, reported: [] });
  });
});

test('counts all but the unchanged resources of the last update, if it succeeded', () => {
  const history = (...updates: object[]) => changesOfLastUpdate(JSON.stringify(updates));
  const done = { kind: 'update', result: 'succeeded' };
  const older = { ...done, resourceChanges: { create: 50 } };
  expect(history({ ...done, resourceChanges: { same: 40, create: 2, replace: 1 } }, older)).toBe(3);
  expect(history({ ...done, resourceChanges: { same: 43 } })).toBe(0);
  expect(history({ ...done, result: 'failed' }, older)).toBeUndefined();
  expect(history({ ...done, kind: 'refresh' }, older)).toBeUndefined();
  expect(history()).toBeUndefined();
});

test('reads phase durations, revision and Pulumi’s installs from the stack’s state', () => {
  const state = {
    deployment: {
      resources: [
        { type: 'platform:index:BootstrapRelease', outputs: { action: 'installed', namespace: 'ns', name: 'cilium' } },
        { type: 'platform:index:BootstrapRelease', outputs: { action: 'found', namespace: 'ns', name: 'coredns' } },
        { type: 'platform:index:Handover', outputs: { revision: 'main@sha1:abc', phasesSeconds: { talos: 12 } } },
      ],
    },
  };
  expect(stackFacts(state, 'infra')).toEqual({
    phasesSeconds: { talos: 12 },
    handoverRevision: 'main@sha1:abc',
    installed: new Set(['ns/cilium']),
  });
  expect(() => stackFacts({}, 'infra')).toThrow(
    new Error('stack infra: its state has no Handover; see .lab/logs/pulumi-infra.log'),
  );
});

test('a stack lock is held only while its Pulumi process is alive', () => {
  const folder = path.join(dir, 'pulumi/state/.pulumi/locks/organization/k8s-gitops/infra');
  fs.mkdirSync(folder, { recursive: true });
  expect(stackLocks(dir, 'k8s-gitops', 'apps')).toEqual([]);
  fs.writeFileSync(path.join(folder, 'a.json'), JSON.stringify({ pid: 2 ** 22 + 1, timestamp: 'x' }));
  fs.writeFileSync(path.join(folder, 'b.json'), JSON.stringify({ pid: process.pid, timestamp: 'x' }));
  expect(stackLocks(dir, 'k8s-gitops', 'infra')).toEqual([
    { pid: 2 ** 22 + 1, held: false },
    { pid: process.pid, held: false },
  ]);
});
