import { imageOf, parseImage, withVersion } from '../../../cluster/rollout/configurationImages';
import {
  kubernetesUpgradeProblems,
  type MachineVersions,
  outdated,
  runningVersions,
} from '../../../cluster/rollout/kubernetesUpgrade';

const controlPlane = (node: string, version: string, own: MachineVersions['components'] = {}): MachineVersions => ({
  node,
  talos: 'v1.11.6',
  components: {
    'kube-apiserver': version,
    'kube-controller-manager': version,
    'kube-scheduler': version,
    kubelet: version,
    ...own,
  },
});
const worker = (node: string, version: string): MachineVersions => ({
  node,
  talos: 'v1.11.6',
  components: { kubelet: version },
});
const all = (version: string) => [controlPlane('a', version), controlPlane('b', version), worker('w', version)];

test('what is not upgraded yet, in the order of the upgrade', () => {
  const begun = [
    controlPlane('a', 'v1.34.1', { 'kube-apiserver': 'v1.34.4' }),
    controlPlane('b', 'v1.34.1'),
    worker('w', 'v1.34.1'),
  ];
  expect(outdated(begun, 'v1.34.4').map(({ node, component }) => `${component} ${node}`)).toEqual([
    'kube-apiserver b',
    'kube-controller-manager a',
    'kube-controller-manager b',
    'kube-scheduler a',
    'kube-scheduler b',
    'kubelet a',
    'kubelet b',
    'kubelet w',
  ]);
  expect(outdated(all('v1.34.4'), 'v1.34.4')).toEqual([]);
  expect(runningVersions(begun)).toEqual({ lowest: 'v1.34.1', highest: 'v1.34.4' });
  expect(runningVersions([])).toBeUndefined();
});

test.each([
  ['nothing to do', all('v1.34.1'), 'v1.34.1', []],
  ['a patch', all('v1.34.1'), 'v1.34.4', []],
  ['a minor', all('v1.33.5'), 'v1.34.1', []],
  [
    'back, when a patch is half done',
    [controlPlane('a', 'v1.34.1', { 'kube-apiserver': 'v1.34.4' }), worker('w', 'v1.34.1')],
    'v1.34.1',
    [],
  ],
  [
    'back, when a minor is half done',
    [controlPlane('a', 'v1.33.5', { 'kube-apiserver': 'v1.34.1' })],
    'v1.33.5',
    ['Kubernetes does not go down, and v1.34.1 runs; set KUBERNETES_VERSION to v1.34.1'],
  ],
  [
    'down',
    all('v1.34.4'),
    'v1.34.1',
    ['Kubernetes does not go down, and v1.34.4 runs; set KUBERNETES_VERSION to v1.34.4'],
  ],
  [
    'two minors',
    all('v1.32.1'),
    'v1.34.1',
    [
      'Kubernetes goes up one minor version at a time, and v1.32.1 still runs; set KUBERNETES_VERSION to the latest 1.33 first',
    ],
  ],
  [
    'two minors for a kubelet that was left behind',
    [controlPlane('a', 'v1.33.5'), worker('w', 'v1.32.1')],
    'v1.34.1',
    [
      'Kubernetes goes up one minor version at a time, and v1.32.1 still runs; set KUBERNETES_VERSION to the latest 1.33 first',
    ],
  ],
  [
    'too new for Talos',
    all('v1.34.1'),
    'v1.35.0',
    [
      'Kubernetes v1.35.0 does not run on Talos v1.11.6 of a, b, w, which needs Kubernetes 1.29 to 1.34; change TALOS_VERSION',
    ],
  ],
])('%s', (_name, machines, version, problems) => {
  expect(kubernetesUpgradeProblems(machines, version)).toEqual(problems);
});

test('APIs that are removed by the wanted version, and later ones', () => {
  const removed = [
    { api: 'flowschemas.v1beta3.flowcontrol.apiserver.k8s.io', removedIn: '1.34' },
    { api: 'things.v1beta1.example.org', removedIn: '1.35' },
  ];
  expect(kubernetesUpgradeProblems(all('v1.33.5'), 'v1.34.1', removed)).toEqual([
    'a client of the cluster uses flowschemas.v1beta3.flowcontrol.apiserver.k8s.io, which Kubernetes 1.34 no longer has; move it to ' +
      'a later version of the API first (`kubectl get --raw /metrics | grep apiserver_requested_deprecated_apis` shows it until the ' +
      'API server restarts)',
  ]);
});

describe('images in a machine configuration', () => {
  const configuration = [
    'version: v1alpha1 # Indicates the schema',
    'machine:',
    '    kubelet:',
    '        image: ghcr.io/siderolabs/kubelet:v1.34.1-slim # The image',
    'cluster:',
    '    apiServer:',
    "        image: 'registry.example:5000/kube-apiserver:v1.34.1'",
    '    proxy: {disabled: true,   image: registry.k8s.io/kube-proxy:v1.34.1}',
    '---',
    'apiVersion: v1alpha1',
    'kind: HostnameConfig',
    'auto: stable',
    '',
  ].join('\n');

  test('only the named ones change, and no other byte', () => {
    expect(withVersion(configuration, ['kube-apiserver', 'kube-proxy', 'kube-scheduler'], 'v1.34.4')).toBe(
      configuration
        .replace("'registry.example:5000/kube-apiserver:v1.34.1'", 'registry.example:5000/kube-apiserver:v1.34.4')
        .replace('kube-proxy:v1.34.1', 'kube-proxy:v1.34.4'),
    );
    expect(withVersion(configuration, ['kubelet'], 'v1.34.4')).toBe(
      configuration.replace('kubelet:v1.34.1-slim', 'kubelet:v1.34.4-slim'),
    );
  });

  test('are read', () => {
    expect(imageOf(configuration, 'kube-apiserver')).toBe('registry.example:5000/kube-apiserver:v1.34.1');
    expect(imageOf(configuration, 'kube-scheduler')).toBeUndefined();
    expect(imageOf('', 'kubelet')).toBeUndefined();
  });

  test.each([
    [
      'registry.k8s.io/kube-apiserver:v1.34.1',
      { repository: 'registry.k8s.io/kube-apiserver', version: 'v1.34.1', suffix: '' },
    ],
    ['r:5000/kubelet:v1.35.0-beta.0-fat', { repository: 'r:5000/kubelet', version: 'v1.35.0-beta.0', suffix: '-fat' }],
    ['r:5000/kubelet', undefined],
    ['r/kubelet:latest', undefined],
    [`r/kubelet:v1.34.1@sha256:${'a'.repeat(64)}`, undefined],
  ])('%s', (image, parts) => {
    expect(parseImage(image)).toEqual(parts);
  });

  test('a tag that is not a version cannot be changed', () => {
    const pinned = configuration.replace('kube-proxy:v1.34.1', 'kube-proxy:latest');
    expect(() => withVersion(pinned, ['kube-proxy'], 'v1.34.4')).toThrow(
      'cluster.proxy.image is registry.k8s.io/kube-proxy:latest, whose tag is not a version',
    );
  });
});
