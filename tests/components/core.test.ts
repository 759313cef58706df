import { Core } from '../../components/bootstrap/core';
import { record, settled } from '../../stacks/mocked/recorder';

test('a core without releases is an error', async () => {
  await record({ project: 'test', stack: 'test' });
  expect(() => new Core('east', { kubeconfig: 'x', stages: [[]] })).toThrow('east: no core release to install');
  await settled();
});

const release = {
  name: 'cilium',
  namespace: 'kube-system',
  storageNamespace: 'kube-system',
  chartUrl: 'oci://charts.example.org/cilium',
  version: '1.18.3',
  values: '{}',
  timeoutSeconds: 60,
  wait: true,
};

test('a stage depends on every release of the stage before it, and the phase spans all of them', async () => {
  const times: Record<string, [string, string]> = {
    'east-a': ['2026-01-01T00:00:01Z', '2026-01-01T00:00:02Z'],
    'east-b': ['2026-01-01T00:00:03Z', '2026-01-01T00:00:09Z'],
    'east-c': ['2026-01-01T00:00:03Z', '2026-01-01T00:00:04Z'],
    'east-d': ['2026-01-01T00:00:10Z', '2026-01-01T00:00:11Z'],
  };
  const recorder = await record({
    project: 'test',
    stack: 'test',
    state: (_type, name) => ({
      action: 'installed',
      revision: 1,
      startedAt: times[name]?.[0],
      finishedAt: times[name]?.[1],
    }),
  });
  const named = (name: string): typeof release => ({ ...release, name });
  const core = new Core('east', { kubeconfig: 'x', stages: [[named('a')], [named('b'), named('c')], [named('d')]] });
  await settled();
  const dependencies = recorder.resources
    .filter(({ type }) => type === 'platform:index:BootstrapRelease')
    .map(({ name, dependencies }) => [name, dependencies.map((urn) => urn.split('::').at(-1))]);
  expect(Object.fromEntries(dependencies)).toEqual({
    'east-a': [],
    'east-b': ['east-a'],
    'east-c': ['east-a'],
    'east-d': ['east-b', 'east-c'],
  });
  expect(await valuesOf(core)).toEqual(['2026-01-01T00:00:01Z', '2026-01-01T00:00:11Z']);
});

test('with a single release, the phase starts and ends with it', async () => {
  const recorder = await record({
    project: 'test',
    stack: 'test',
    state: (_type, name) => ({ action: 'found', revision: 3, startedAt: `${name} starts`, finishedAt: `${name} ends` }),
  });
  const core = new Core('east', { kubeconfig: 'x', stages: [[release]] });
  await settled();
  expect(Object.keys(core.releases)).toEqual(['cilium']);
  const installed = recorder.resources.find(({ type }) => type === 'platform:index:BootstrapRelease');
  expect(installed?.inputs).toEqual({ ...release, kubeconfig: 'x' });
  expect(installed?.secretInputs).toEqual(['kubeconfig']);
  expect(await valuesOf(core)).toEqual(['east-cilium starts', 'east-cilium ends']);
});

/** The start and the end of the phase. */
function valuesOf({ phase: { startedAt, finishedAt } }: Core): Promise<unknown[]> {
  return Promise.all(
    [startedAt, finishedAt].map((time) => new Promise((resolve) => time.apply((value) => resolve(value)))),
  );
}
