import { Core } from '../../components/bootstrap/core';
import { record, settled } from './recorder';

test('a core without releases is an error', async () => {
  await record({ project: 'test', stack: 'test' });
  expect(() => new Core('east', { kubeconfig: 'x', releases: [] })).toThrow('east: no core release to install');
  await settled();
});

test('with a single release, the phase starts and ends with it', async () => {
  const recorder = await record({
    project: 'test',
    stack: 'test',
    state: (_type, name) => ({ action: 'found', revision: 3, startedAt: `${name} starts`, finishedAt: `${name} ends` }),
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
  const core = new Core('east', { kubeconfig: 'x', releases: [release] });
  await settled();
  expect(Object.keys(core.releases)).toEqual(['cilium']);
  const installed = recorder.resources.find(({ type }) => type === 'platform:index:BootstrapRelease');
  expect(installed?.inputs).toEqual({ ...release, kubeconfig: 'x' });
  expect(installed?.secretInputs).toEqual(['kubeconfig']);
  const { startedAt, finishedAt } = core.phase;
  const values = await Promise.all(
    [startedAt, finishedAt].map((time) => new Promise((resolve) => time.apply((value) => resolve(value)))),
  );
  expect(values).toEqual(['east-cilium starts', 'east-cilium ends']);
});
