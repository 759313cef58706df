import { schematicId } from '../../cluster/schematicId';
import { runMocked, type StackRun } from './stackRun';

const system = 'platform:index:MachineSystem';
const kubernetes = 'platform:index:KubernetesVersion';
const address = (name: string, node: string) => ({ name, node, endpoint: node });
const east = {
  controlPlanes: [address('east-01', '10.1.0.11'), address('east-02', '10.1.0.12'), address('east-03', '10.1.0.13')],
  workers: [address('east-04', '10.1.0.14')],
};

let run: StackRun;
beforeAll(async () => {
  run = await runMocked('east');
});

const before = (type: string, name: string) =>
  run
    .dependenciesOf(run.find(type, name))
    .filter((other) => /MachineSystem|ClusterNodes|KubernetesVersion/.test(other));

test('Talos is changed machine by machine, then Kubernetes, and both before any configuration', () => {
  const nodes = 'platform:index:ClusterNodes east';
  expect(before(system, 'east-01')).toEqual([nodes]);
  expect(before(system, 'east-02')).toEqual([nodes, `${system} east-01`]);
  expect(before(system, 'east-03')).toEqual([nodes, `${system} east-02`]);
  expect(before(system, 'east-04')).toEqual([nodes, `${system} east-03`]);
  const systems = ['01', '02', '03', '04'].map((number) => `${system} east-${number}`);
  expect(before(kubernetes, 'east')).toEqual([nodes, ...systems]);
  expect(before('platform:index:MachineConfiguration', 'east-01')).toEqual([`${kubernetes} east`, ...systems]);
});

test('each machine gets the image of its schematic', () => {
  const { image, ...inputs } = run.find(system, 'east-04').inputs;
  expect(image).toMatch(/^factory\.talos\.dev\/metal-installer\/.+:v1\.11\.2$/);
  expect(inputs).toMatchObject({
    ...east.workers[0],
    role: 'worker',
    version: 'v1.11.2',
    architecture: 'amd64',
    controlPlanes: east.controlPlanes,
    machines: [...east.controlPlanes, ...east.workers],
    drain: { enabled: true, timeoutSeconds: 600 },
    gateTimeoutSeconds: 1200,
    healthChecks: [],
  });
  expect(image).toBe(`factory.talos.dev/metal-installer/${String(inputs['schematic'])}:v1.11.2`);
});

test('Kubernetes gets the version of the settings', () => {
  expect(run.find(kubernetes, 'east').inputs).toMatchObject({
    cluster: 'east',
    version: 'v1.34.1',
    ...east,
    workersAtOnce: 1,
    gateTimeoutSeconds: 1200,
  });
});

test('a preview knows the schematic before the factory has it', async () => {
  const preview = await runMocked('east', { preview: true });
  const described = preview.find('talos:imageFactory/schematic:Schematic', 'east-default').inputs['schematic'];
  const id = schematicId(described as string);
  expect(preview.find(system, 'east-01').inputs).toMatchObject({
    schematic: id,
    image: `factory.talos.dev/metal-installer/${id}:v1.11.2`,
  });
});
