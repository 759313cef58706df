import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CpuAccounts } from '../../../bench/lab/cpuAccounts';
import { ProcessSampler } from '../../../bench/lab/processSampler';
import { watchCluster } from '../../../bench/lab/watchObjects';
import { parseKubeconfig } from '../../../clients/kubernetes/kubeconfig';
import type { ObjectEvent } from '../../../bench/lab/recording';
import { markerFor, markerVariable } from '../../../lab/executor/marker';
import { FakeApi } from '../../clients/support/fakeApi';

const node = (name: string, status?: string) => ({
  metadata: { name, creationTimestamp: '2026-01-01T00:00:00Z' },
  ...(status !== undefined && { status: { conditions: [{ type: 'Ready', status }] } }),
});
const lines = (...events: object[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join('');

test('a watch reports each change of a state once, and starts again when the server ends it', async () => {
  const api = await FakeApi.start();
  const abort = new AbortController();
  const nodes = [
    lines({ type: 'ADDED', object: node('a') }, { type: 'MODIFIED', object: node('a') }),
    lines({ type: 'ADDED', object: node('a', 'True') }, { type: 'DELETED', object: node('b') }),
  ];
  try {
    const events: ObjectEvent[] = [];
    const secrets = lines({
      type: 'ADDED',
      object: { metadata: { name: 'v1', namespace: 'x', labels: { status: 'deployed' } } },
    });
    api.handler = ({ path }) => {
      if (path === '/api/v1/nodes') return { body: nodes.shift() ?? '' };
      return path === '/api/v1/secrets' ? { body: secrets } : undefined;
    };
    const watching = watchCluster(
      parseKubeconfig(api.kubeconfig),
      (event) => {
        events.push(event);
        if (event.state === 'ready' && event.kind === 'Node') abort.abort();
      },
      abort.signal,
    );
    await watching;
    expect(events.map(({ kind, id, state }) => `${kind} ${id} ${state}`).sort()).toEqual([
      'HelmRevision x/v1 ready',
      'Node a created',
      'Node a ready',
    ]);
    const request = api.requests.find(({ path }) => path === '/api/v1/secrets');
    expect(request?.query).toMatchObject({ labelSelector: 'owner=helm', watch: '1' });
    // Never a Secret's contents.
    expect(request?.accept).toContain('as=PartialObjectMetadata;');
  } finally {
    abort.abort();
    await api.stop();
  }
});

test('samples the processes with the marker of this lab, and no others', async () => {
  const start = (labDir: string) =>
    spawn(process.execPath, ['-e', 'console.log(1); process.stdin.resume()'], {
      env: { ...process.env, [markerVariable]: markerFor(labDir, 'machine-one-01') },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
  const children = [start('/here/.lab'), start('/elsewhere/.lab')];
  try {
    await Promise.all(children.map(({ stdout }) => once(stdout, 'data')));
    const sampler = new ProcessSampler('/here/.lab', { one: ['one-01'] }, new CpuAccounts());
    sampler.sample();
    sampler.sample();
    const [record, ...others] = sampler.accounts.records();
    expect(others).toEqual([]);
    expect(record).toMatchObject({ name: 'machine-one-01', cluster: 'one', processes: 1 });
    expect(record?.end).toBeUndefined();
  } finally {
    for (const child of children) child.kill();
  }
});
