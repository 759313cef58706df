import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import digests from '../../../tools/download/digests.json';
import { hostArchitecture, releasesFor, releaseUrl, type Release } from '../../../tools/download/releases';
import { observabilityTools, tools, type ToolName, type ToolSpec } from '../../../tools/manifest';
import { isDownloaded, moduleDir } from '../../../tools/sourceModule';

const specs = Object.entries(tools) as [ToolName, ToolSpec][];
const committed = Object.entries(digests) as [
  ToolName,
  { version: string; amd64?: string; arm64?: string; image?: string },
][];

test.each(['amd64', 'arm64'] as const)(
  'every program that is not our own has a publisher for linux/%s',
  (architecture) => {
    const foreign = specs.filter(([, { own, standIn }]) => !own && !standIn).map(([name]) => name);
    expect(Object.keys(releasesFor(architecture)).sort()).toEqual([...foreign].sort());
  },
);

test('no other platform has publishers', () => {
  expect(hostArchitecture('linux', 'x64')).toBe('amd64');
  expect(hostArchitecture('linux', 'arm64')).toBe('arm64');
  expect(hostArchitecture('linux', 'riscv64')).toBeUndefined();
  expect(hostArchitecture('darwin', 'arm64')).toBeUndefined();
  expect(releasesFor(undefined)).toEqual({});
});

test('the publishers’ addresses', () => {
  const urls = (architecture: 'amd64' | 'arm64'): Record<string, string> =>
    Object.fromEntries(
      Object.entries(releasesFor(architecture, {})).map(([name, release]) => [name, releaseUrl(release)]),
    );
  const victoria = 'https://github.com/VictoriaMetrics';
  const utilities = `${victoria}/VictoriaMetrics/releases/download/v1.151.0/vmutils-linux-amd64-v1.151.0.tar.gz`;
  expect(urls('amd64')).toEqual({
    pulumi: 'https://get.pulumi.com/releases/sdk/pulumi-v3.248.0-linux-x64.tar.gz',
    helm: 'https://get.helm.sh/helm-v3.22.0-linux-amd64.tar.gz',
    etcd: 'https://github.com/etcd-io/etcd/releases/download/v3.6.5/etcd-v3.6.5-linux-amd64.tar.gz',
    'kube-apiserver': 'https://dl.k8s.io/v1.34.1/bin/linux/amd64/kube-apiserver',
    'kube-controller-manager': 'https://dl.k8s.io/v1.34.1/bin/linux/amd64/kube-controller-manager',
    'kube-scheduler': 'https://dl.k8s.io/v1.34.1/bin/linux/amd64/kube-scheduler',
    kubectl: 'https://dl.k8s.io/v1.34.1/bin/linux/amd64/kubectl',
    'kube-apiserver-next': 'https://dl.k8s.io/v1.34.4/bin/linux/amd64/kube-apiserver',
    'kube-controller-manager-next': 'https://dl.k8s.io/v1.34.4/bin/linux/amd64/kube-controller-manager',
    'kube-scheduler-next': 'https://dl.k8s.io/v1.34.4/bin/linux/amd64/kube-scheduler',
    kwok: 'registry.k8s.io/kwok/kwok:v0.7.0',
    crane:
      'https://github.com/google/go-containerregistry/releases/download/v0.20.6/go-containerregistry_Linux_x86_64.tar.gz',
    'source-controller': 'ghcr.io/fluxcd/source-controller:v1.7.3',
    'kustomize-controller': 'ghcr.io/fluxcd/kustomize-controller:v1.7.2',
    'helm-controller': 'ghcr.io/fluxcd/helm-controller:v1.4.3',
    'flux-operator': 'ghcr.io/controlplaneio-fluxcd/flux-operator:v0.58.0',
    'external-secrets': 'ghcr.io/external-secrets/external-secrets:v0.20.4',
    kustomize:
      'https://github.com/kubernetes-sigs/kustomize/releases/download/kustomize%2Fv5.8.1/kustomize_v5.8.1_linux_amd64.tar.gz',
    kubeconform: 'https://github.com/yannh/kubeconform/releases/download/v0.8.0/kubeconform-linux-amd64.tar.gz',
    actionlint: 'https://github.com/rhysd/actionlint/releases/download/v1.7.12/actionlint_1.7.12_linux_amd64.tar.gz',
    'victoria-metrics': `${victoria}/VictoriaMetrics/releases/download/v1.151.0/victoria-metrics-linux-amd64-v1.151.0.tar.gz`,
    vmagent: utilities,
    vmauth: utilities,
    vmalert: utilities,
    'vmalert-tool': utilities,
    'victoria-logs': `${victoria}/VictoriaLogs/releases/download/v1.52.1/victoria-logs-linux-amd64-v1.52.1.tar.gz`,
    amtool:
      'https://github.com/prometheus/alertmanager/releases/download/v0.28.1/alertmanager-0.28.1.linux-amd64.tar.gz',
    alertmanager:
      'https://github.com/prometheus/alertmanager/releases/download/v0.28.1/alertmanager-0.28.1.linux-amd64.tar.gz',
  });
  const arm = urls('arm64');
  expect(arm.pulumi).toBe('https://get.pulumi.com/releases/sdk/pulumi-v3.248.0-linux-arm64.tar.gz');
  expect(arm.crane).toMatch(/_Linux_arm64\.tar\.gz$/);
  expect(arm.kubectl).toBe('https://dl.k8s.io/v1.34.1/bin/linux/arm64/kubectl');
});

test.each(committed)(
  'the committed digest of %s is of the pinned version',
  (name, { version, amd64, arm64, image }) => {
    expect(version).toBe(tools[name].version);
    const expected = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
    const release = releasesFor('amd64')[name] as Release;
    if (release.kind === 'image') expect({ image, amd64, arm64 }).toEqual({ image: expected });
    else expect({ image, amd64, arm64 }).toEqual({ amd64: expected, arm64: expected });
    expect(release.digest).toBe(image ?? amd64);
  },
);

test('without a committed digest, the publisher’s checksum file or the image’s tag decides', () => {
  const open = Object.entries(releasesFor('amd64')).filter(([, { digest }]) => digest === undefined);
  const next = ['kube-apiserver-next', 'kube-controller-manager-next', 'kube-scheduler-next'];
  expect(open.map(([name]) => name).sort()).toEqual(
    ['external-secrets', 'flux-operator', ...next, 'kwok', 'pulumi', ...observabilityTools].sort(),
  );
});

test('the digests of Flux’s controllers are those that flux-operator pins', async () => {
  const module = 'github.com/controlplaneio-fluxcd/flux-operator';
  if (!isDownloaded(module)) return;
  const file = join(await moduleDir(module), 'config/data/flux-images/v2.7.3/upstream-alpine.yaml');
  expect(existsSync(file)).toBe(true);
  const { images } = parse(readFileSync(file, 'utf8')) as {
    images: { name: string; newTag: string; digest: string }[];
  };
  for (const name of ['source-controller', 'kustomize-controller', 'helm-controller'] as const) {
    expect(images).toContainEqual({
      name: `ghcr.io/fluxcd/${name}`,
      newTag: digests[name].version,
      digest: `sha256:${digests[name].image}`,
    });
  }
});
