import { join } from 'node:path';
import { bootstrapKustomizations } from '../../cluster/bootstrapOrder';
import { listClusters, readClusterSettings } from '../../gitops/clusterSettings';
import { readGitSource } from '../../gitops/gitSource';
import { readRelease } from '../../gitops/helmRelease';
import { isMap, specOf, valueAt } from '../../gitops/kubernetesObject';
import { renderCluster } from '../../gitops/render';

const root = join(__dirname, '..', '..');
const read = [...bootstrapKustomizations, 'namespaces', 'external-secrets-store'];
const clusters = listClusters(root).map((name) => [name, renderCluster(root, name, read)] as const);

// In the order in which they are first installed; release, namespace and storage namespace agree with Helm's records.
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

test('both clusters are here', () => {
  expect(clusters.map(([name]) => name)).toEqual(['apps', 'infra']);
});

describe.each(clusters)('cluster %s', (name, rendered) => {
  const { kustomizations, objects, settings } = rendered;
  const ofKind = (kind: string) => objects.filter(({ object }) => object.kind === kind);

  test('runs these Kustomizations, each after what it needs', () => {
    expect(Object.fromEntries(kustomizations.map((one) => [one.name, one.dependsOn]))).toEqual({
      namespaces: [],
      'gateway-api': ['namespaces'],
      'prometheus-operator-crds': ['namespaces'],
      'victoria-metrics-operator-crds': ['namespaces'],
      cilium: ['gateway-api', 'prometheus-operator-crds'],
      coredns: ['cilium'],
      spegel: ['coredns'],
      'cert-manager': ['spegel'],
      'external-secrets': ['cert-manager'],
      'flux-operator': ['external-secrets'],
      'flux-instance': ['flux-operator'],
      'external-secrets-store': ['external-secrets'],
    });
  });

  test('all of them live in flux-system, wait for health longer than a release may take, and name their account', () => {
    const shared = kustomizations.map(({ namespace, wait, timeoutSeconds, serviceAccountName, object }) => ({
      ...{ namespace, wait, timeoutSeconds, serviceAccountName },
      ...{ interval: specOf(object)['interval'], retryInterval: specOf(object)['retryInterval'] },
    }));
    const expected = {
      ...{ namespace: 'flux-system', wait: true, timeoutSeconds: 1200, serviceAccountName: 'kustomize-controller' },
      ...{ interval: '10m', retryInterval: '2m' },
    };
    expect(shared).toEqual(kustomizations.map(() => expected));
  });

  test('only what can be lost without the platform is pruned', () => {
    const pruned = kustomizations.filter(({ prune }) => prune).map((one) => one.name);
    expect(pruned).toEqual(['coredns', 'spegel', 'external-secrets-store']);
  });

  test('what has a foreign source gets no substitution, everything else the settings', () => {
    const sources = kustomizations.map((one) => [one.name, one.sourceRef.name, one.substituteFrom.join()]);
    expect(sources).toEqual(
      kustomizations.map((one) =>
        one.name === 'gateway-api' ? ['gateway-api', 'gateway-api', ''] : [one.name, 'flux-system', 'cluster-settings'],
      ),
    );
  });

  test.each([...crds, ...core])('%s is release and namespace %s of an exact chart', (release, namespace, url) => {
    const { values: _values, ...spec } = readRelease(rendered, release);
    expect(spec.chart.version).toMatch(/^v?\d+\.\d+\.\d+$/);
    expect(spec).toEqual({
      ...{ name: release, releaseName: release, namespace, storageNamespace: namespace, kustomization: release },
      ...{ chart: { url, version: spec.chart.version }, timeoutSeconds: 900 },
      crds: { install: 'CreateReplace', upgrade: 'CreateReplace' },
    });
  });

  test('Gateway API comes from a tag', () => {
    const { tag, ...source } = readGitSource(rendered, 'gateway-api');
    expect(source).toEqual({ url: 'https://github.com/kubernetes-sigs/gateway-api', path: 'config/crd' });
    expect(tag).toMatch(/^v\d+\.\d+\.\d+$/);
  });

  test('every HelmRelease has its OCIRepository beside it, and no other OCIRepository is there', () => {
    const places = (kind: string) =>
      ofKind(kind).map(
        ({ object, kustomization }) => `${kustomization} ${object.metadata.namespace}/${object.metadata.name}`,
      );
    expect(places('OCIRepository')).toEqual(places('HelmRelease'));
  });

  test('every OCIRepository takes the chart layer as it is', () => {
    const layers = ofKind('OCIRepository').map(({ object }) => specOf(object)['layerSelector']);
    const layer = { mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip', operation: 'copy' };
    expect(layers).toEqual(layers.map(() => layer));
  });

  test('every HelmRelease has the shared defaults and no target of its own', () => {
    const defaults = ofKind('HelmRelease').map(({ object }) => {
      const { chartRef: _chartRef, values: _values, ...spec } = specOf(object);
      return spec;
    });
    const retry = { crds: 'CreateReplace', strategy: { name: 'RetryOnFailure', retryInterval: '2m' } };
    const expected = {
      ...{ interval: '30m', timeout: '15m', serviceAccountName: 'flux', driftDetection: { mode: 'enabled' } },
      ...{ install: retry, upgrade: retry },
    };
    expect(defaults).toEqual(defaults.map(() => expected));
  });

  test('the account of every HelmRelease exists and may do everything', () => {
    const needed = new Set(ofKind('HelmRelease').map(({ object }) => object.metadata.namespace));
    const accounts = ofKind('ServiceAccount').map(({ object }) => object.metadata.namespace);
    const [binding] = ofKind('ClusterRoleBinding');
    const subjects = binding?.object['subjects'];
    const bound = (Array.isArray(subjects) ? subjects : []).map((subject) => valueAt(subject, 'namespace'));
    expect(accounts.sort()).toEqual([
      'cert-manager',
      'external-secrets',
      'flux-system',
      'kube-system',
      'observability',
    ]);
    expect(bound).toEqual(accounts.sort());
    expect([...needed].filter((namespace) => !accounts.includes(namespace))).toEqual([]);
    expect(valueAt(binding?.object, 'roleRef', 'name')).toBe('cluster-admin');
  });

  test('no namespace may be pruned, kube-system is left to Kubernetes, and pods are restricted', () => {
    const namespaces = ofKind('Namespace').map(({ object: { metadata } }) => [
      metadata.name,
      valueAt(metadata, 'annotations', 'kustomize.toolkit.fluxcd.io/prune'),
      valueAt(metadata, 'labels', 'pod-security.kubernetes.io/enforce'),
    ]);
    const expected = ['cert-manager', 'external-secrets', 'flux-system', 'observability'];
    expect(namespaces).toEqual(expected.map((one) => [one, 'Disabled', 'restricted']));
  });

  test('Git holds no Secret, and does not declare what FluxInstance makes', () => {
    const declared = objects.map(({ object }) => `${object.kind} ${object.metadata.name}`);
    expect(declared).not.toContain('GitRepository flux-system');
    expect(declared).not.toContain('Kustomization flux-system');
    expect(ofKind('Secret')).toEqual([]);
  });

  test('Flux follows this folder, at an exact version, with the gates that adoption needs', () => {
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
    const gates = (Array.isArray(patches) ? patches : []).map((patch) => [
      valueAt(patch, 'target', 'name'),
      /--feature-gates=[\w=,]+/.exec(JSON.stringify(valueAt(patch, 'patch')))?.[0],
    ]);
    expect(gates).toEqual([
      ['helm-controller', '--feature-gates=DisableChartDigestTracking=true'],
      ['kustomize-controller', '--feature-gates=StrictPostBuildSubstitutions=true,CancelHealthCheckOnNewRevision=true'],
    ]);
  });

  test('Cilium is told who it is, in the types its chart wants', () => {
    const { values, chart } = readRelease(rendered, 'cilium');
    expect(chart.version).toBe(settings.values['CILIUM_VERSION']);
    expect(values).toMatchObject({
      cluster: { name, id: Number(settings.values['CLUSTER_ID']) },
      k8sServiceHost: 'localhost',
      k8sServicePort: 7445,
      kubeProxyReplacement: true,
      ipv4NativeRoutingCIDR: '10.244.0.0/14',
      l2announcements: { enabled: true },
      certgen: { generateCA: false },
      hubble: { tls: { auto: { method: 'cronJob' } } },
      clustermesh: { apiserver: { tls: { auto: { method: 'cronJob' } } } },
    });
    expect(valueAt(values, 'tls')).toBeUndefined();
  });

  test('the charts own their CRDs, and leave them behind', () => {
    expect(readRelease(rendered, 'cert-manager').values['crds']).toEqual({ enabled: true, keep: true });
    expect(readRelease(rendered, 'external-secrets').values['installCRDs']).toBe(true);
    for (const release of ['external-secrets', 'prometheus-operator-crds', 'victoria-metrics-operator-crds']) {
      const { values } = readRelease(rendered, release);
      expect(valueAt(values, 'crds', 'annotations')).toEqual({ 'helm.sh/resource-policy': 'keep' });
    }
  });

  test('the store reads through Connect with the seeded token', () => {
    const [store] = ofKind('ClusterSecretStore');
    expect(store?.object.metadata.name).toBe('onepassword');
    expect(valueAt(store?.object, 'spec', 'provider', 'onepassword')).toEqual({
      connectHost: 'https://opconnect.monosense.dev',
      vaults: { 'k8s-gitops': 1 },
      auth: {
        secretRef: {
          connectTokenSecretRef: { name: 'onepassword-connect-token', namespace: 'external-secrets', key: 'token' },
        },
      },
    });
  });

  test('nothing is left unsubstituted, and no value is null', () => {
    const left: string[] = [];
    const walk = (value: unknown, path: string): void => {
      if (value === null || (typeof value === 'string' && /\$\{\w/.test(value))) left.push(path);
      if (Array.isArray(value)) value.forEach((part, at) => walk(part, `${path}/${at}`));
      else if (isMap(value)) for (const [key, part] of Object.entries(value)) walk(part, `${path}/${key}`);
    };
    for (const { object } of objects) walk(object, `${object.kind}/${object.metadata.name}`);
    expect(left).toEqual([]);
  });

  test('every setting is used by a manifest or by the program', () => {
    // The program reads these; tests of cluster/ hold what it makes of them.
    const programOnly = [
      ...['NODE_CIDR', 'POD_CIDR', 'SERVICE_CIDR', 'K8S_API_HOST', 'TALOS_VERSION', 'KUBERNETES_VERSION'],
      ...['CILIUM_LB_POOL_START', 'CILIUM_LB_POOL_END', 'CILIUM_BGP_LOCAL_ASN', 'CILIUM_BGP_PEER_ASN'],
      'OPENEBS_BASEPATH',
    ];
    const used = [
      ...['CLUSTER', 'CLUSTER_ID', 'NATIVE_ROUTING_CIDR', 'K8S_SERVICE_HOST', 'K8S_SERVICE_PORT', 'CILIUM_VERSION'],
      ...['FLUX_VERSION', 'CILIUM_L2_ANNOUNCEMENTS', 'COREDNS_CLUSTER_IP', 'COREDNS_REPLICAS', 'EXTERNAL_SECRET_STORE'],
      ...['ONEPASSWORD_CONNECT_HOST', 'ONEPASSWORD_CONNECT_TOKEN_SECRET', 'ONEPASSWORD_VAULT', 'GIT_URL', 'GIT_BRANCH'],
    ];
    expect(Object.keys(settings.values).sort()).toEqual([...programOnly, ...used].sort());
  });
});

test('the clusters differ only in who they are', () => {
  const [apps, infra] = ['apps', 'infra'].map((name) => readClusterSettings(root, name).values);
  const differing = Object.keys(infra ?? {}).filter((key) => infra?.[key] !== apps?.[key]);
  expect(differing).toEqual([
    ...['CLUSTER', 'CLUSTER_ID', 'POD_CIDR', 'SERVICE_CIDR', 'K8S_API_HOST', 'CILIUM_LB_POOL_START'],
    ...['CILIUM_LB_POOL_END', 'CILIUM_BGP_LOCAL_ASN', 'COREDNS_CLUSTER_IP'],
  ]);
});
