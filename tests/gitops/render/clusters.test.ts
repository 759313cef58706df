import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrapKustomizations } from '../../../cluster/bootstrapOrder';
import { listClusters } from '../../../gitops/clusterSettings';
import { readGitSource } from '../../../gitops/gitSource';
import { readRelease } from '../../../gitops/helmRelease';
import { listOf, specOf, valueAt } from '../../../gitops/kubernetesObject';
import { renderCluster } from '../../../gitops/render/renderCluster';

const root = join(__dirname, '..', '..', '..');
const wanted = [...bootstrapKustomizations, 'namespaces', 'external-secrets-store'];
const clusters = listClusters(root).map((name) => [name, renderCluster(root, name, wanted)] as const);

// In order of installation; release name, namespace and storage namespace must match Helm's records.
const core = [
  ['cilium', 'kube-system', 'oci://quay.io/cilium/charts/cilium'],
  ['coredns', 'kube-system', 'oci://ghcr.io/coredns/charts/coredns'],
  ['spegel', 'kube-system', 'oci://ghcr.io/spegel-org/helm-charts/spegel'],
  ['cert-manager', 'cert-manager', 'oci://quay.io/jetstack/charts/cert-manager'],
  ['external-secrets', 'external-secrets', 'oci://ghcr.io/external-secrets/charts/external-secrets'],
  ['flux-operator', 'flux-system', 'oci://ghcr.io/controlplaneio-fluxcd/charts/flux-operator'],
  ['flux-instance', 'flux-system', 'oci://ghcr.io/controlplaneio-fluxcd/charts/flux-instance'],
] as const;
const crds = [
  ['prometheus-operator-crds', 'observability', 'oci://ghcr.io/prometheus-community/charts/prometheus-operator-crds'],
  [
    'victoria-metrics-operator-crds',
    'observability',
    'oci://ghcr.io/victoriametrics/helm-charts/victoria-metrics-operator-crds',
  ],
] as const;

describe.each(clusters)('cluster %s', (name, rendered) => {
  const { kustomizations, objects, settings } = rendered;
  const ofKind = (kind: string) => objects.filter(({ object }) => object.kind === kind);

  test('every Kustomization is in flux-system, with the defaults', () => {
    const shared = kustomizations.map(({ namespace, serviceAccountName, object }) => ({
      ...{ namespace, serviceAccountName },
      ...{ interval: specOf(object)['interval'], retryInterval: specOf(object)['retryInterval'] },
    }));
    const expected = {
      ...{ namespace: 'flux-system', serviceAccountName: 'kustomize-controller' },
      ...{ interval: '10m', retryInterval: '2m' },
    };
    expect(shared).toEqual(kustomizations.map(() => expected));
  });

  // The architecture's timeouts by kind, in minutes, where there is no release to outlast.
  test('a Kustomization outlasts a release, or has the timeout of the kind that it waits for', () => {
    const minutes = kustomizations.map(({ name: of, timeoutSeconds }) => [of, (timeoutSeconds ?? 0) / 60] as const);
    const has = (one: string): boolean => kustomizations.some(({ name: of }) => of === one);
    const short = {
      ...{ 'certificate-issuer': 5, 'cilium-clustermesh': 5, cloudflared: 5, 'cilium-spire': 15 },
      ...{
        'metrics-agent': 15,
        'metrics-store': has('metrics-store-generated') ? 15 : 5,
        'metrics-store-generated': 5,
        'blackbox-exporter': 5,
        kafka: 15,
        postgres: has('barman-cloud') ? 15 : 5,
        dragonfly: has('dragonfly-operator') ? 15 : 5,
        keycloak: 15,
        'keycloak-namespace': 5,
        'keycloak-operator': 5,
        'keycloak-realm': 15,
        'schema-registry': has('kafka') ? 15 : 5,
        tenancy: 5,
        'people-rbac': 5,
        'mesh-echo': 5,
      },
    };
    const listed = Object.entries(short).filter(([of]) => has(of));
    expect(Object.fromEntries(minutes.filter(([, timeout]) => timeout !== 20))).toEqual(Object.fromEntries(listed));
  });

  test('Kustomizations substitute from the settings, except those with an external source', () => {
    const sources = kustomizations.map(({ name, sourceRef, substituteFrom }) => [
      name,
      sourceRef.name,
      substituteFrom.join(),
    ]);
    const others: Record<string, string> = { 'gateway-api': 'gateway-api', 'keycloak-operator': 'keycloak' };
    expect(sources).toEqual(
      kustomizations.map(({ name }) =>
        others[name] === undefined ? [name, 'flux-system', 'cluster-settings'] : [name, others[name], ''],
      ),
    );
  });

  test.each([...crds, ...core])(
    '%s is a release in namespace %s with an exact chart version',
    (release, namespace, url) => {
      const { values: _values, ...spec } = readRelease(rendered, release);
      expect(spec.chart.version).toMatch(/^v?\d+\.\d+\.\d+$/);
      expect(spec).toEqual({
        ...{ name: release, releaseName: release, namespace, storageNamespace: namespace, kustomization: release },
        ...{ chart: { url, version: spec.chart.version }, timeoutSeconds: 900 },
        // Cilium's relay and mesh need certificates that post-install jobs create.
        wait: release !== 'cilium',
        crds: { install: 'CreateReplace', upgrade: 'CreateReplace' },
      });
    },
  );

  test('Gateway API is pinned to a tag', () => {
    const { tag, ...source } = readGitSource(rendered, 'gateway-api');
    expect(source).toEqual({ url: 'https://github.com/kubernetes-sigs/gateway-api', path: 'config/crd' });
    expect(tag).toMatch(/^v\d+\.\d+\.\d+$/);
  });

  test('Flux syncs the cluster folder, at an exact version, with the feature gates that adoption needs', () => {
    const { values } = readRelease(rendered, 'flux-instance');
    expect(valueAt(values, 'instance', 'sync')).toEqual({
      ...{ name: 'flux-system', kind: 'GitRepository', interval: '1m', url: settings.values['GIT_URL'] },
      ...{ ref: `refs/heads/${settings.values['GIT_BRANCH']}`, path: `./kubernetes/clusters/${name}` },
    });
    expect(valueAt(values, 'instance', 'distribution')).toEqual({
      ...{ version: settings.values['FLUX_VERSION'], registry: 'ghcr.io/fluxcd', artifact: '' },
    });
    expect(settings.values['FLUX_VERSION']).toMatch(/^\d+\.\d+\.\d+$/);
    expect(valueAt(values, 'instance', 'cluster')).toMatchObject({
      ...{ multitenant: true, tenantDefaultServiceAccount: 'flux' },
    });
    const patches = valueAt(values, 'instance', 'kustomize', 'patches');
    const deployments = listOf(patches).filter((patch) => valueAt(patch, 'target', 'kind') === 'Deployment');
    const gates = deployments.map((patch) => [
      valueAt(patch, 'target', 'name'),
      /--feature-gates=[\w=,]+/.exec(JSON.stringify(valueAt(patch, 'patch')))?.[0],
    ]);
    expect(gates).toEqual([
      ['helm-controller', '--feature-gates=DisableChartDigestTracking=true'],
      ['kustomize-controller', '--feature-gates=StrictPostBuildSubstitutions=true,CancelHealthCheckOnNewRevision=true'],
    ]);
  });

  // Its chart renders null for `artifact`, which the dry run of drift detection refuses: the release would never be ready.
  test('drift is detected in every release but that of flux-instance', () => {
    const modes = ofKind('HelmRelease').map(({ object }) => [
      object.metadata.name,
      valueAt(object, 'spec', 'driftDetection', 'mode'),
    ]);
    expect(modes.length).toBeGreaterThan(5);
    expect(modes.filter(([, mode]) => mode !== 'enabled')).toEqual([['flux-instance', 'disabled']]);
  });

  test("Cilium gets the cluster's identity, with the types its chart expects", () => {
    const { values, chart } = readRelease(rendered, 'cilium');
    expect(chart.version).toBe(settings.values['CILIUM_VERSION']);
    expect(values).toMatchObject({
      cluster: { name, id: Number(settings.values['CLUSTER_ID']) },
      k8sServiceHost: settings.values['K8S_SERVICE_HOST'],
      k8sServicePort: Number(settings.values['K8S_SERVICE_PORT']),
      kubeProxyReplacement: true,
      ipv4NativeRoutingCIDR: settings.values['NATIVE_ROUTING_CIDR'],
      l2announcements: { enabled: true },
      certgen: { generateCA: false },
      hubble: { tls: { auto: { method: 'cronJob' } } },
      clustermesh: { apiserver: { tls: { auto: { method: 'cronJob' } } } },
    });
    // The program creates the trusted CA bundle's ConfigMap, so the chart must not render it.
    expect(valueAt(values, 'tls')).toEqual({ caBundle: { enabled: true } });
  });

  test('charts install their CRDs and keep them on uninstall', () => {
    expect(readRelease(rendered, 'cert-manager').values['crds']).toEqual({ enabled: true, keep: true });
    expect(readRelease(rendered, 'external-secrets').values['installCRDs']).toBe(true);
    for (const release of ['external-secrets', 'prometheus-operator-crds', 'victoria-metrics-operator-crds']) {
      const { values } = readRelease(rendered, release);
      expect(valueAt(values, 'crds', 'annotations')).toEqual({ 'helm.sh/resource-policy': 'keep' });
    }
  });

  test('the secret store uses Connect with the bootstrap token', () => {
    const [store] = ofKind('ClusterSecretStore');
    expect(store?.object.metadata.name).toBe('onepassword');
    expect(valueAt(store?.object, 'spec', 'provider', 'onepassword')).toEqual({
      connectHost: settings.values['ONEPASSWORD_CONNECT_HOST'],
      vaults: { [settings.values['ONEPASSWORD_VAULT'] ?? '']: 1 },
      auth: {
        secretRef: {
          connectTokenSecretRef: { name: 'onepassword-connect-token', namespace: 'external-secrets', key: 'token' },
        },
      },
    });
  });
});

test('chart signatures are verified only if the setting enables it', () => {
  const verifiedReleases = (value: string): [string, number][] => {
    const copy = mkdtempSync(join(tmpdir(), 'clusters-'));
    try {
      cpSync(join(root, 'kubernetes'), join(copy, 'kubernetes'), { recursive: true });
      const [name = ''] = listClusters(root);
      const file = join(copy, 'kubernetes', 'clusters', name, 'cluster-settings.yaml');
      writeFileSync(file, readFileSync(file, 'utf8').replace(/(SOURCE_VERIFICATION:) .*/, `$1 ${value}`));
      const rendered = renderCluster(copy, name, wanted);
      return [...crds, ...core].flatMap(([release]): [string, number][] => {
        const { signedBy } = readRelease(rendered, release).chart;
        return signedBy === undefined ? [] : [[release, signedBy.length]];
      });
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  };
  expect(verifiedReleases('none')).toEqual([]);
  expect(verifiedReleases('cosign')).toEqual([
    ['victoria-metrics-operator-crds', 1],
    ['spegel', 1],
    ['external-secrets', 1],
  ]);
});
