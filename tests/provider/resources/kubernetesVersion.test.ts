import * as grpc from '@grpc/grpc-js';
import { imageOf, parseImage } from '../../../cluster/rollout/configurationImages';
import type { Component } from '../../../cluster/rollout/kubernetesUpgrade';
import { defaultPace } from '../../../provider/machines/pace';
import { applyKubernetesVersion, inspectKubernetes } from '../../../provider/resources/kubernetesVersion';
import { FakeApi, type Handler } from '../../clients/support/fakeApi';
import { listed, refusal } from '../../clients/support/fakeMachine';
import { FakeFleet, type FakeNode } from '../support/fakeFleet';
import { testOperation } from '../support/operation';

let fake: FakeApi;
let fleet: FakeFleet;
/** Every change of an image, in order: `infra-01 kube-apiserver v1.34.4`. */
let changes: string[];
/** Components whose pod does not become ready, or whose kubelet does not report. */
let broken: Set<string>;
let metrics: string;

const configuration = (role: string, version: string) =>
  [
    'version: v1alpha1',
    `machine: {type: ${role}, kubelet: {image: 'ghcr.io/siderolabs/kubelet:${version}'}}`,
    ...(role === 'worker'
      ? []
      : [
          'cluster:',
          ...['apiServer kube-apiserver', 'controllerManager kube-controller-manager', 'scheduler kube-scheduler'].map(
            (pair) => {
              const [key, image] = pair.split(' ');
              return `  ${key}: {image: 'registry.k8s.io/${image}:${version}'}`;
            },
          ),
          `  proxy: {disabled: true, image: 'registry.k8s.io/kube-proxy:${version}'}`,
        ]),
    '',
  ].join('\n');

const versionOf = (node: FakeNode, component: Component | 'kube-proxy') =>
  parseImage(imageOf(node.active ?? '', component) ?? '')?.version;

const configTypes: Record<string, Component> = {
  'APIServerConfigs.kubernetes.talos.dev': 'kube-apiserver',
  'ControllerManagerConfigs.kubernetes.talos.dev': 'kube-controller-manager',
  'SchedulerConfigs.kubernetes.talos.dev': 'kube-scheduler',
};

/** Kubelets, as far as the API shows them: they follow the configuration of their machine. */
const cluster: Handler = ({ path }) => {
  if (path === '/readyz') return { body: 'ok' };
  if (path === '/metrics') return { body: metrics };
  const [, nodeName] = /^\/api\/v1\/nodes\/(.+)$/.exec(path) ?? [];
  if (nodeName !== undefined) {
    const kubeletVersion = broken.has(`kubelet ${nodeName}`) ? 'v1.34.1' : versionOf(fleet.node(nodeName), 'kubelet');
    return {
      body: { metadata: { name: nodeName }, status: { nodeInfo: { kubeletVersion }, conditions: ready(true) } },
    };
  }
  const [, component, podOf] =
    /^\/api\/v1\/namespaces\/kube-system\/pods\/(kube-[a-z]+(?:-manager)?)-(infra-\d+)$/.exec(path) ?? [];
  if (component === undefined || podOf === undefined) return undefined;
  const works = !broken.has(`${component} ${podOf}`);
  const annotations = { 'talos.dev/config-version': String(versionOf(fleet.node(podOf), component as Component)) };
  const waiting = { reason: 'ImagePullBackOff', message: 'no such image' };
  const containerStatuses = works ? [] : [{ name: component, state: { waiting } }];
  return {
    body: { metadata: { name: component, annotations }, status: { conditions: ready(works), containerStatuses } },
  };
};
const ready = (value: boolean) => [{ type: 'Ready', status: value ? 'True' : 'False' }];

beforeEach(async () => {
  fake = await FakeApi.start();
  fake.handler = cluster;
  changes = [];
  broken = new Set();
  metrics = '';
  fleet = await FakeFleet.start({ controlPlanes: ['infra-01', 'infra-02'], workers: ['infra-03'] }, fake.kubeconfig);
  await fleet.install((name) => configuration(fleet.node(name).role, 'v1.34.1'));
  for (const node of fleet.nodes) node.overrides = overridesOf(node);
});
afterEach(async () => {
  fleet.stop();
  await fake.stop();
});

function overridesOf(node: FakeNode): FakeNode['overrides'] {
  return {
    ImagePull: () => ({ messages: [{}] }),
    ApplyConfiguration: ({ data, mode }: { data: Buffer; mode: string }) => {
      const before = new Map(all.map((component) => [component, versionOf(node, component)]));
      node.active = node.persistent = data.toString();
      node.applied.push({ mode, text: node.active });
      for (const component of all) {
        const version = versionOf(node, component);
        if (version !== before.get(component)) changes.push(`${node.target.name} ${component} ${version}`);
      }
      return { messages: [{ mode: 'NO_REBOOT', modeDetails: '', warnings: [] }] };
    },
    List: ({ type }: { type: string }) => {
      if (type === 'MachineConfigs.config.talos.dev') return [listed('v1alpha1', node.active ?? '')];
      const component = configTypes[type];
      if (component === undefined) return [];
      const image = imageOf(node.active ?? '', component);
      const spec = { yaml_spec: JSON.stringify({ image }) };
      return [{ resource: { metadata: { id: component, version: String(versionOf(node, component)) }, spec } }];
    },
  };
}
const all = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet'] as const;

const inputs = (version = 'v1.34.4', gateTimeoutSeconds = 5) => ({
  cluster: 'infra',
  version,
  controlPlanes: fleet.controlPlanes,
  workers: fleet.nodes.filter(({ role }) => role === 'worker').map(({ target }) => target),
  clientConfiguration: fleet.identity,
  workersAtOnce: 1,
  gateTimeoutSeconds,
});
const pace = () => ({ ...defaultPace, port: fleet.port, url: () => fake.url, intervalMilliseconds: 10 });
const apply = (operation = testOperation(), version?: string, gateTimeoutSeconds?: number) =>
  applyKubernetesVersion(inputs(version, gateTimeoutSeconds), operation, pace());

const wholeOrder = [
  'infra-01 kube-apiserver v1.34.4',
  'infra-02 kube-apiserver v1.34.4',
  'infra-01 kube-controller-manager v1.34.4',
  'infra-02 kube-controller-manager v1.34.4',
  'infra-01 kube-scheduler v1.34.4',
  'infra-02 kube-scheduler v1.34.4',
  'infra-01 kube-proxy v1.34.4',
  'infra-01 kubelet v1.34.4',
  'infra-02 kube-proxy v1.34.4',
  'infra-02 kubelet v1.34.4',
  'infra-03 kubelet v1.34.4',
];

describe('changing the version of Kubernetes', () => {
  test('goes component by component, machine by machine, live, and leaves the configuration that is generated for it', async () => {
    const operation = testOperation();
    await apply(operation);
    expect(changes).toEqual(wholeOrder);
    expect(
      fleet.nodes.flatMap(({ applied }) => applied.map(({ mode }) => mode)).every((mode) => mode === 'NO_REBOOT'),
    ).toBe(true);
    for (const node of fleet.nodes) {
      expect(node.active?.replaceAll("'", '')).toBe(configuration(node.role, 'v1.34.4').replaceAll("'", ''));
    }
    expect(operation.lines.filter((line) => !line.startsWith('('))).toEqual([
      'Kubernetes v1.34.1 → v1.34.4: pulling images on 3 machines',
      'kube-apiserver of infra-01 runs v1.34.4',
      'kube-apiserver of infra-02 runs v1.34.4',
      'kube-controller-manager of infra-01 runs v1.34.4',
      'kube-controller-manager of infra-02 runs v1.34.4',
      'kube-scheduler of infra-01 runs v1.34.4',
      'kube-scheduler of infra-02 runs v1.34.4',
      'kubelet of infra-01 runs v1.34.4',
      'kubelet of infra-02 runs v1.34.4',
      'kubelet of infra-03 runs v1.34.4',
    ]);
  });

  test('stops at the component that fails, and goes on there', async () => {
    broken.add('kube-controller-manager infra-02');
    await expect(apply(testOperation(), 'v1.34.4', 0.3)).rejects.toThrow(
      'kube-controller-manager of infra-02 does not run v1.34.4 after 0 s: container kube-controller-manager: ImagePullBackOff: no such ' +
        'image. Components later in the order were not changed. Look at `talosctl logs --nodes 10.9.0.11 -k kube-system/kube-controller-manager`; ' +
        'then run `pulumi up` to go on, or set KUBERNETES_VERSION back to go back within a minor version.',
    );
    expect(changes).toEqual(wholeOrder.slice(0, 4));
    broken.clear();
    await apply();
    expect(changes).toEqual(wholeOrder);
  });

  test('and back from there', async () => {
    broken.add('kube-apiserver infra-01');
    await expect(apply(testOperation(), 'v1.34.4', 0.2)).rejects.toThrow(
      'kube-apiserver of infra-01 does not run v1.34.4',
    );
    broken.clear();
    await apply(testOperation(), 'v1.34.1');
    expect(changes).toEqual(['infra-01 kube-apiserver v1.34.4', 'infra-01 kube-apiserver v1.34.1']);
  });

  test('a kubelet that does not report its version', async () => {
    broken.add('kubelet infra-03');
    await expect(apply(testOperation(), 'v1.34.4', 0.3)).rejects.toThrow(
      'kubelet of infra-03 does not run v1.34.4 after 0 s: the Node reports kubelet v1.34.1.',
    );
  });

  test('nothing to do: nothing is called', async () => {
    const operation = testOperation();
    await apply(operation, 'v1.34.1');
    expect(changes).toEqual([]);
    expect(operation.lines).toEqual([]);
    expect(fake.requestLines).toEqual([]);
  });

  test('images that cannot be pulled: nothing is changed', async () => {
    fleet.node('infra-02').overrides['ImagePull'] = ({ reference }: { reference: string }) => {
      if (reference.includes('scheduler')) throw refusal(grpc.status.NOT_FOUND, 'not found');
      return { messages: [{}] };
    };
    await expect(apply()).rejects.toThrow(
      'images of Kubernetes v1.34.4 cannot be pulled; nothing was changed:\n' +
        '  infra-02: registry.k8s.io/kube-scheduler:v1.34.4: NOT_FOUND: not found\n' +
        'Correct KUBERNETES_VERSION, or make them available, then run `pulumi up` again.',
    );
    expect(changes).toEqual([]);
  });

  test('every reason against it together: a machine that is off, a version that is skipped, an API that goes', async () => {
    metrics = [
      'apiserver_requested_deprecated_apis{group="policy",removed_release="1.36",resource="poddisruptionbudgets",subresource="",version="v1beta1"} 1',
      'apiserver_requested_deprecated_apis{group="",removed_release="",resource="componentstatuses",subresource="",version="v1"} 1',
      '',
    ].join('\n');
    fleet.node('infra-03').off();
    const error: unknown = await apply(testOperation(), 'v1.36.0').catch((e: unknown) => e);
    const lines = (error as Error).message.split('\n');
    expect(lines[0]).toBe('Kubernetes cannot be changed to v1.36.0, and nothing was changed:');
    expect(lines[1]).toMatch(/^ {2}infra-03 \(10\.9\.0\.12\): UNAVAILABLE/);
    expect(lines.slice(2)).toEqual([
      '  Kubernetes goes up one minor version at a time, and v1.34.1 still runs; set KUBERNETES_VERSION to the latest 1.35 first',
      '  Kubernetes v1.36.0 does not run on Talos v1.11.2 of infra-01, infra-02, which needs Kubernetes 1.29 to 1.34; change TALOS_VERSION',
      '  a client of the cluster uses poddisruptionbudgets.v1beta1.policy, which Kubernetes 1.36 no longer has; move it to a later version ' +
        'of the API first (`kubectl get --raw /metrics | grep apiserver_requested_deprecated_apis` shows it until the API server restarts)',
    ]);
    expect(changes).toEqual([]);
  });

  test('no cluster yet: nothing to do', async () => {
    fleet.members = [];
    await apply();
    expect(changes).toEqual([]);
  });
});

test('the preview says what will change', async () => {
  const operation = testOperation();
  expect(await inspectKubernetes(inputs(), operation, pace())).toBe(true);
  expect(operation.lines).toEqual([
    'Kubernetes v1.34.1 → v1.34.4, without a reboot: kube-apiserver of infra-01, infra-02; kube-controller-manager of infra-01, infra-02; ' +
      'kube-scheduler of infra-01, infra-02; kubelet of infra-01, infra-02, infra-03',
  ]);
  expect(await inspectKubernetes(inputs('v1.34.1'), operation, pace())).toBe(false);
  fleet.stop();
  expect(await inspectKubernetes(inputs(), operation, pace())).toBe(false);
});
