import { parse } from 'yaml';
import type { Registered } from '../../stacks/mocked/recorder';
import { engineConfigOf, runMocked, type StackRun, valueOf, withoutReaders, withReaderOf } from './stackRun';

// The fixture stack east: three control planes, one worker; it owns the zone. Tests with west, or with options, are at the end.
const stack = 'east';
const identity = { caCertificate: 'Y2E=', clientCertificate: 'Y3J0', clientKey: 'a2V5' };
const vault = { connectHost: 'https://connect.example.org', connectToken: 'write token', vault: 'platform' };
let run: StackRun;
const inputsOf = (type: string, name: string = stack) => run.find(type, name).inputs;
const ofType = (type: string): Registered[] => run.recorder.resources.filter((resource) => resource.type === type);

beforeAll(async () => {
  run = await runMocked(stack);
});

describe('machines', () => {
  const machine = 'platform:index:MachineConfiguration';

  test("install the schematic's image; changing the schematic replaces it", () => {
    const schematic = run.find('talos:imageFactory/schematic:Schematic', `${stack}-default`);
    expect(schematic.replaceOnChanges).toEqual(['schematic']);
    expect(parse(schematic.inputs.schematic as string)).toEqual({
      customization: {
        extraKernelArgs: ['mitigations=off'],
        systemExtensions: { officialExtensions: ['siderolabs/iscsi-tools'] },
      },
    });
  });

  test('have one configuration each, with versions, image, disk and hostname', () => {
    const calls = run.recorder.calls.filter(({ token }) => token === 'talos:machine/getConfiguration:getConfiguration');
    const shown = calls.map(({ inputs }) => {
      const {
        configPatches,
        machineSecrets: _secrets,
        ...rest
      } = inputs as { configPatches: string[] } & typeof inputs;
      const patches = configPatches.map((patch) => parse(patch) as { machine: Record<string, unknown> });
      const named = patches.find(({ machine }) => (machine?.network as { hostname?: string })?.hostname);
      const { hostname } = named?.machine.network as { hostname: string };
      return { hostname, install: named?.machine.install, ...rest };
    });
    const common = {
      install: { image: `factory.talos.dev/metal-installer/${stack}-default-id:v1.11.2`, disk: '/dev/sda' },
      clusterName: stack,
      clusterEndpoint: 'https://east-k8s.example.org:6443',
      talosVersion: 'v1.11.2',
      kubernetesVersion: 'v1.34.1',
      docs: false,
      examples: false,
    };
    expect(shown.sort((one, other) => one.hostname.localeCompare(other.hostname))).toEqual([
      { hostname: 'east-01', machineType: 'controlplane', ...common },
      { hostname: 'east-02', machineType: 'controlplane', ...common },
      { hostname: 'east-03', machineType: 'controlplane', ...common },
      { hostname: 'east-04', machineType: 'worker', ...common },
    ]);
    for (const { inputs } of calls) expect(inputs.machineSecrets).toMatchObject({ cluster: { id: 'id in the vault' } });
  });

  const controlPlaneTargets = ['1', '2', '3'].map((digit) => ({
    name: `east-0${digit}`,
    node: `10.1.0.1${digit}`,
    endpoint: `10.1.0.1${digit}`,
  }));

  test.each([
    ['east-01', '10.1.0.11', 'controlplane'],
    ['east-02', '10.1.0.12', 'controlplane'],
    ['east-03', '10.1.0.13', 'controlplane'],
    ['east-04', '10.1.0.14', 'worker'],
  ])('%s is sent its configuration', (name, address, role) => {
    expect(inputsOf(machine, name)).toEqual({
      cluster: stack,
      name,
      node: address,
      endpoint: address,
      role,
      configuration: `${role} configuration`,
      clientConfiguration: identity,
      controlPlanes: controlPlaneTargets,
      applyMode: 'auto',
      drain: { enabled: true, timeoutSeconds: 600 },
      gateTimeoutSeconds: 1200,
      healthChecks: [],
    });
  });

  test('machines are configured one after the other, once nodes that leave have left', () => {
    const before = (name: string) =>
      run.dependenciesOf(run.find(machine, name)).filter((other) => /MachineConf/.test(other));
    expect(before('east-01')).toEqual([]);
    expect(before('east-02')).toEqual([`${machine} east-01`]);
    expect(before('east-03')).toEqual([`${machine} east-02`]);
    expect(before('east-04')).toEqual([`${machine} east-03`]);
    expect(run.dependenciesOf(run.find('platform:index:ClusterNodes', stack))).toContain(
      'platform:index:PhaseStart east-talos',
    );
    expect(inputsOf('platform:index:ClusterNodes', stack)).toMatchObject({
      nodes: [
        { name: 'east-01', role: 'controlplane', leaving: false },
        { name: 'east-02', role: 'controlplane', leaving: false },
        { name: 'east-03', role: 'controlplane', leaving: false },
        { name: 'east-04', role: 'worker', leaving: false },
      ],
    });
  });

  test('etcd is bootstrapped on the first control plane once every machine is configured', () => {
    const etcd = run.find('platform:index:EtcdBootstrap', stack);
    expect(etcd.inputs).toEqual({
      cluster: stack,
      node: '10.1.0.11',
      endpoint: '10.1.0.11',
      clientConfiguration: identity,
      controlPlanes: controlPlaneTargets,
      timeoutSeconds: 1200,
    });
    const configured = ['east-01', 'east-02', 'east-03', 'east-04'].map((name) => `${machine} ${name}`);
    expect(run.dependenciesOf(etcd)).toEqual(expect.arrayContaining(configured));
    const kubeconfig = run.find('talos:cluster/kubeconfig:Kubeconfig', stack);
    expect(kubeconfig.inputs).toEqual({ node: '10.1.0.11', endpoint: '10.1.0.11', clientConfiguration: identity });
    expect(run.dependenciesOf(kubeconfig)).toContain(`platform:index:EtcdBootstrap ${stack}`);
  });

  test('the program dials the first control plane; the exported kubeconfig has the DNS name', async () => {
    const users = run.recorder.resources.filter(({ inputs }) => 'kubeconfig' in inputs);
    // The Kubernetes provider, the CRDs, seven releases, the handover.
    expect(users).toHaveLength(10);
    for (const { inputs } of users) {
      expect(parse(inputs.kubeconfig as string)).toEqual({
        clusters: [{ name: 'c', cluster: { server: 'https://10.1.0.11:6443' } }],
      });
    }
    expect(parse(await valueOf(run.outputs.kubeconfig))).toEqual({
      clusters: [{ name: 'c', cluster: { server: 'https://east-k8s.example.org:6443' } }],
    });
    expect(await valueOf(run.outputs.talosconfig)).toBe('talosconfig');
    const call = run.recorder.calls.find(({ token }) => token === 'talos:client/getConfiguration:getConfiguration');
    expect(call?.inputs).toMatchObject({
      clusterName: stack,
      endpoints: ['10.1.0.11', '10.1.0.12', '10.1.0.13'],
      nodes: ['10.1.0.11', '10.1.0.12', '10.1.0.13', '10.1.0.14'],
    });
  });
});

describe('1Password', () => {
  test('the Cilium CA comes from the item that all clusters share', () => {
    const ca = run.find('platform:index:GeneratedCertificateAuthority', 'east-cilium-ca');
    expect(ca.inputs).toEqual({
      ...vault,
      title: 'kubernetes/shared/cilium-ca',
      commonName: 'Cilium CA',
      validityYears: 10,
    });
    expect(ca.dependencies).toEqual([]);
  });

  test.each([
    ['webhook-token', { title: 'kubernetes/east/flux', field: 'webhook-token', bytes: 32, encoding: 'base64url' }],
    [
      'backup-password',
      { title: 'kubernetes/east/volsync', field: 'restic-password', bytes: 32, encoding: 'base64url' },
    ],
    [
      'tsig-secret',
      { title: 'kubernetes/east/external-dns-rfc2136', field: 'tsig-secret', bytes: 32, encoding: 'base64' },
    ],
    [
      'tunnel-secret',
      { title: 'kubernetes/east/cloudflare-tunnel', field: 'tunnel-secret', bytes: 32, encoding: 'base64' },
    ],
  ])('%s is generated where the vault has none', (name, inputs) => {
    expect(inputsOf('platform:index:GeneratedSecret', `east-${name}`)).toEqual({ ...vault, ...inputs });
  });

  test('kubeconfig, talosconfig and Cloudflare tokens are stored under their titles', async () => {
    const items = ofType('platform:index:OnePasswordItem').map(({ inputs }) => [inputs.title, inputs.fields]);
    const token = JSON.stringify({ a: 'account-id', t: 'east-id', s: 'east-tunnel-secret value' });
    expect(Object.fromEntries(items)).toEqual({
      'kubernetes/east/kubeconfig': { kubeconfig: await valueOf(run.outputs.kubeconfig) },
      'kubernetes/east/talosconfig': { talosconfig: 'talosconfig' },
      'kubernetes/east/cloudflared': { token: Buffer.from(token).toString('base64') },
      'kubernetes/east/cert-manager': { 'cloudflare-api-token': 'east-cert-manager value' },
      'kubernetes/east/external-dns-cloudflare': { 'api-token': 'east-external-dns value' },
    });
  });
});

describe('Cloudflare', () => {
  test('the tunnel keeps its ingress in Git', () => {
    expect(inputsOf('platform:index:Tunnel')).toEqual({
      apiToken: 'cloudflare token',
      accountId: 'account-id',
      name: 'k8s-gitops-east',
      tunnelSecret: 'east-tunnel-secret value',
    });
  });

  test('its hostnames are proxied CNAMEs of the tunnel', () => {
    const record = {
      zoneId: 'zone-id',
      type: 'CNAME',
      content: 'east-id.cfargotunnel.com',
      proxied: true,
      ttl: 1,
      comment: 'Pulumi, stack east',
    };
    expect(ofType('cloudflare:index/dnsRecord:DnsRecord').map(({ inputs }) => inputs)).toEqual([
      { name: 'external-east.example.org', ...record },
      { name: 'external.example.org', ...record },
    ]);
  });

  test('cert-manager and ExternalDNS each get a token that can edit the records of one zone', () => {
    for (const user of ['cert-manager', 'external-dns']) {
      const token = run.find('cloudflare:index/apiToken:ApiToken', `east-${user}`);
      expect(token.inputs).toEqual({
        name: `k8s-gitops east ${user}`,
        policies: [
          {
            effect: 'allow',
            permissionGroups: [{ id: 'id of Zone Read' }, { id: 'id of DNS Write' }],
            resources: '{"com.cloudflare.api.account.zone.zone-id":"*"}',
          },
        ],
      });
      expect(token.replaceOnChanges).toEqual(['name']);
      expect(token.secretOutputs).toContain('value');
    }
  });

  test("the owner sets the zone's settings", () => {
    const settings = ofType('cloudflare:index/zoneSetting:ZoneSetting').map(({ inputs }) => [
      inputs.settingId,
      inputs.value,
    ]);
    expect(Object.fromEntries(settings)).toEqual({ ssl: 'strict', always_use_https: 'on', min_tls_version: '1.2' });
  });
});

describe('bootstrap', () => {
  test('reads CRDs from exactly these sources, in order', () => {
    const chart = (name: string, namespace: string, version: string, values: object) => ({
      kind: 'chart',
      name,
      releaseName: name,
      releaseNamespace: namespace,
      chartUrl: `oci://charts.example.org/${name}`,
      version,
      values: JSON.stringify(values),
    });
    expect(inputsOf('platform:index:CustomResourceDefinitions').sources).toEqual([
      {
        kind: 'git',
        name: 'gateway-api',
        url: 'https://git.example.org/gateway-api',
        tag: 'v1.3.0',
        path: 'config/crd',
      },
      chart('prometheus-operator-crds', 'observability', '24.0.0', { crds: {} }),
      chart('victoria-metrics-operator-crds', 'observability', '0.5.0', { crds: {} }),
      chart('cert-manager', 'cert-manager', 'v1.19.0', { crds: { enabled: true } }),
      chart('external-secrets', 'external-secrets', '0.20.4', { installCRDs: true }),
    ]);
  });

  test('all objects use one Kubernetes provider, which a new kubeconfig does not replace', () => {
    expect(inputsOf('pulumi:providers:kubernetes')).toMatchObject({
      clusterIdentifier: stack,
      enableServerSideApply: 'true',
      upsertExistingObjects: 'true',
      enablePatchForce: 'true',
    });
    const objects = run.recorder.resources.filter(({ type }) => type.startsWith('kubernetes:'));
    expect(objects).toHaveLength(6);
    for (const object of objects) expect(object.provider).toContain(`pulumi:providers:kubernetes::${stack}::`);
  });

  test.each(['cert-manager', 'external-secrets', 'flux-system'])('namespace %s has exactly one annotation', (name) => {
    const namespace = run.find('kubernetes:core/v1:Namespace', `east-${name}`);
    expect(namespace.inputs).toEqual({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, annotations: { 'kustomize.toolkit.fluxcd.io/prune': 'Disabled' } },
    });
    expect(run.dependenciesOf(namespace)).toContain(`platform:index:CustomResourceDefinitions ${stack}`);
  });

  test('the read-only Connect token and the Cilium CA are seeded', () => {
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const token = run.find('kubernetes:core/v1:Secret', 'east-connect-token');
    expect(token.inputs).toMatchObject({
      metadata: { name: 'onepassword-connect-token', namespace: 'external-secrets' },
      type: 'Opaque',
      data: { token: base64('read token') },
    });
    expect(run.dependenciesOf(token)).toContain('kubernetes:core/v1:Namespace east-external-secrets');
    expect(inputsOf('kubernetes:core/v1:Secret', 'east-cilium-ca')).toMatchObject({
      metadata: { name: 'cilium-ca', namespace: 'kube-system' },
      type: 'Opaque',
      data: { 'ca.crt': base64('CERT'), 'ca.key': base64('KEY') },
    });
    expect(inputsOf('kubernetes:core/v1:ConfigMap', 'east-cilium-ca-bundle')).toMatchObject({
      metadata: { name: 'cilium-root-ca.crt', namespace: 'kube-system' },
      data: { 'ca.crt': 'CERT and the one before' },
    });
  });

  test('the core is installed stage by stage, after the seeded objects', () => {
    const chain = ofType('platform:index:BootstrapRelease');
    const release = (name: string, namespace: string, version: string, values: object) => ({
      name,
      namespace,
      storageNamespace: namespace,
      chartUrl: `oci://charts.example.org/${name}`,
      version,
      values: JSON.stringify(values),
      timeoutSeconds: 300,
      wait: true,
    });
    expect(chain.map(({ inputs: { kubeconfig: _kubeconfig, ...inputs } }) => inputs)).toEqual([
      release('cilium', 'kube-system', '1.18.3', { cluster: { name: 'east' }, k8sServiceHost: 'localhost' }),
      release('coredns', 'kube-system', '1.45.0', { replicaCount: 2 }),
      release('spegel', 'kube-system', '0.4.0', { spegel: {} }),
      release('cert-manager', 'cert-manager', 'v1.19.0', { crds: { enabled: true } }),
      release('external-secrets', 'external-secrets', '0.20.4', { installCRDs: true }),
      release('flux-operator', 'flux-system', '0.32.0', { logLevel: 'info' }),
      release('flux-instance', 'flux-system', '0.32.0', {
        instance: { sync: { url: 'https://git.example.org/platform.git' } },
      }),
    ]);
    const before = chain.map((resource) => run.dependenciesOf(resource));
    expect(before[0]).toEqual(
      expect.arrayContaining([
        'kubernetes:core/v1:ConfigMap east-cilium-ca-bundle',
        'kubernetes:core/v1:Secret east-cilium-ca',
        'kubernetes:core/v1:Secret east-connect-token',
      ]),
    );
    const stages = [[0], [1], [2, 3, 4, 5], [6]];
    stages.slice(1).forEach((stage, index) => {
      const previous = (stages[index] ?? []).map((release) => `${chain[release]?.type} ${chain[release]?.name}`);
      for (const release of stage) expect(before[release]).toEqual(expect.arrayContaining(previous));
    });
  });

  test('the handover comes last, with the times of every phase', () => {
    const handover = run.find('platform:index:Handover', stack);
    expect(handover.inputs).toMatchObject({
      gitUrl: 'https://git.example.org/platform.git',
      gitBranch: 'main',
      fluxNamespace: 'flux-system',
      kustomizations: [
        'flux-system',
        'gateway-api',
        'cilium',
        'coredns',
        'spegel',
        'cert-manager',
        'external-secrets',
        'flux-operator',
        'flux-instance',
        'prometheus-operator-crds',
        'victoria-metrics-operator-crds',
        'external-services',
      ],
      timeoutSeconds: 1200,
      phases: {
        // From the first machine that is configured.
        talos: { startedAt: 'east-talos starts', finishedAt: 'east ends' },
        crds: { startedAt: 'east starts', finishedAt: 'east ends' },
        // The earliest and the latest of all releases; the mocks' times are in alphabetical order.
        core: { startedAt: 'east-cert-manager starts', finishedAt: 'east-spegel ends' },
      },
    });
    const waitsFor = run.graph.filter((resource) =>
      /BootstrapRelease |GeneratedSecret |OnePasswordItem \S+-(cert-manager|cloudflared|external-dns)/.test(resource),
    );
    expect(run.dependenciesOf(handover)).toEqual(expect.arrayContaining(waitsFor));
  });
});

test('the program dials the dial override, which is also in the certificates', async () => {
  const west = await runMocked('west');
  const dialled = { node: '10.2.0.11', endpoint: '192.0.2.11' };
  expect(west.find('platform:index:MachineConfiguration', 'west-01').inputs).toMatchObject(dialled);
  expect(west.find('platform:index:EtcdBootstrap', 'west').inputs).toMatchObject(dialled);
  const { kubeconfig } = west.find('platform:index:CustomResourceDefinitions', 'west').inputs;
  expect((parse(kubeconfig as string) as { clusters: unknown[] }).clusters).toEqual([
    { name: 'c', cluster: { server: 'https://192.0.2.11:6443' } },
  ]);
  const call = west.recorder.calls.find(({ inputs }) => 'configPatches' in inputs);
  const [patch = ''] = call?.inputs.configPatches as string[];
  expect((parse(patch) as { machine: object }).machine).toMatchObject({
    certSANs: ['west-k8s.example.org', '10.2.0.11', '192.0.2.11'],
  });
});

test('Access is configured for the hosts that the stack names', async () => {
  const access = { hosts: ['*'], emails: ['ops@example.org'], emailDomains: [] };
  const config = engineConfigOf('east');
  const cloudflare = { ...(JSON.parse(config['k8s-gitops:cloudflare'] ?? '{}') as object), access };
  const guarded = await runMocked('east', {
    config: { ...config, 'k8s-gitops:cloudflare': JSON.stringify(cloudflare) },
  });
  expect(
    guarded.find('cloudflare:index/zeroTrustAccessApplication:ZeroTrustAccessApplication', 'east-access').inputs,
  ).toEqual({
    accountId: 'account-id',
    name: 'k8s-gitops-east',
    type: 'self_hosted',
    destinations: [{ type: 'public', uri: '*.example.org' }],
    policies: [{ id: 'east-access-id', precedence: 1 }],
  });
  expect(guarded.find('cloudflare:index/zeroTrustAccessPolicy:ZeroTrustAccessPolicy', 'east-access').inputs).toEqual({
    accountId: 'account-id',
    name: 'k8s-gitops-east',
    decision: 'allow',
    includes: [{ email: { email: 'ops@example.org' } }],
  });
});

test('a stack without cloudflare makes nothing of Cloudflare, and no token is read', async () => {
  const { 'k8s-gitops:cloudflare': _, 'k8s-gitops:cloudflareApiToken': __, ...config } = engineConfigOf(stack);
  const without = await runMocked(stack, { root: withoutReaders('cloudflared'), config });
  expect(without.graph.filter((label) => /cloudflare|tunnel/i.test(label))).toEqual([]);
  const ages = Object.keys(await valueOf(without.outputs.secretAges));
  expect(ages.filter((name) => /cloudflare|tunnel/i.test(name))).toEqual([]);
  expect(without.graph.length).toBeGreaterThan(20);
});

test('a secret of the stack reaches the machines that refer to it', async () => {
  const config = engineConfigOf(stack);
  const machines = JSON.parse(config['k8s-gitops:machines'] ?? '{}') as object;
  const patches = [{ machine: { env: { PROXY_PASSWORD: { secretFrom: 'proxyPassword' } } } }];
  config['k8s-gitops:machines'] = JSON.stringify({ ...machines, patches });
  const { recorder } = await runMocked(stack, { config, secrets: { proxyPassword: 'a password' } });
  const calls = recorder.calls.filter(({ token }) => token === 'talos:machine/getConfiguration:getConfiguration');
  expect(calls).not.toEqual([]);
  for (const { inputs } of calls) {
    expect(parse((inputs.configPatches as string[]).at(-1) ?? '')).toEqual({
      machine: { env: { PROXY_PASSWORD: 'a password' } },
    });
  }
});

describe('what serves all clusters', () => {
  test('has a CA of its own, and passwords in items that all clusters share', async () => {
    const root = withReaderOf(
      'kubernetes/shared/services-ca ca.key',
      'kubernetes/shared/services-ca ca.crt',
      'kubernetes/shared/postgres gitlab-password',
      'kubernetes/shared/dragonfly password',
    );
    const serving = await runMocked(stack, { root, config: engineConfigOf(stack) });
    const made = serving.graph.filter((label) => /services|database|dragonfly/i.test(label));
    expect(made.map((label) => label.replace(/^.*[:]/, ''))).toEqual([
      'ServicesCertificateAuthority east',
      'GeneratedCertificateAuthority east-services-ca',
      'GeneratedSecret east-dragonfly',
      'GeneratedSecret east-gitlab-database',
    ]);
    expect(serving.find('platform:index:GeneratedCertificateAuthority', 'east-services-ca').inputs).toEqual({
      ...vault,
      title: 'kubernetes/shared/services-ca',
      commonName: 'Services CA',
      validityYears: 10,
    });
    expect(serving.find('platform:index:GeneratedSecret', 'east-gitlab-database').inputs).toEqual({
      ...vault,
      title: 'kubernetes/shared/postgres',
      field: 'gitlab-password',
      bytes: 32,
      encoding: 'base64url',
      shared: true,
    });
    const ages = Object.keys(await valueOf(serving.outputs.secretAges));
    expect(ages.filter((name) => name.includes('shared'))).toEqual([
      'kubernetes/shared/cilium-ca ca.key',
      'kubernetes/shared/services-ca ca.key',
      'kubernetes/shared/postgres gitlab-password',
      'kubernetes/shared/dragonfly password',
    ]);
  });
});

describe('what clusters send to the one that stores', () => {
  const made = ({ graph }: StackRun) =>
    graph.filter((label) => /observability|writer|reader/i.test(label)).map((label) => label.replace(/^.*[:]/, ''));

  test('is made only where something reads it', () => expect(made(run)).toEqual([]));

  test('a cluster makes the CA that all share, and its own passwords', async () => {
    const root = withReaderOf(
      'kubernetes/shared/observability-ca ca.crt',
      'kubernetes/${CLUSTER}/observability metrics-writer-password',
    );
    const writing = await runMocked(stack, { root, config: engineConfigOf(stack) });
    expect(made(writing)).toEqual([
      'ObservabilityCertificateAuthority east',
      'GeneratedCertificateAuthority east-observability-ca',
      'GeneratedSecret east-metrics-writer',
    ]);
    const ca = writing.find('platform:index:GeneratedCertificateAuthority', 'east-observability-ca');
    expect(ca.inputs).toEqual({
      ...vault,
      title: 'kubernetes/shared/observability-ca',
      commonName: 'Observability CA',
      validityYears: 10,
    });
    expect(writing.find('platform:index:GeneratedSecret', 'east-metrics-writer').inputs).toEqual({
      ...vault,
      title: 'kubernetes/east/observability',
      field: 'metrics-writer-password',
      bytes: 32,
      encoding: 'base64url',
    });
    const ages = Object.keys(await valueOf(writing.outputs.secretAges));
    expect(ages.filter((name) => name.includes('observability'))).toEqual([
      'kubernetes/shared/observability-ca ca.key',
      'kubernetes/east/observability metrics-writer-password',
    ]);
  });

  test('the cluster that stores makes the passwords of the others, too, and leaves them where they are', async () => {
    const root = withReaderOf('kubernetes/west/observability alerts-writer-password');
    const storing = await runMocked(stack, { root, config: engineConfigOf(stack) });
    expect(made(storing)).toEqual(['GeneratedSecret east-west-alerts-writer']);
    const secret = storing.find('platform:index:GeneratedSecret', 'east-west-alerts-writer');
    expect(secret.inputs).toEqual({
      ...vault,
      title: 'kubernetes/west/observability',
      field: 'alerts-writer-password',
      bytes: 32,
      encoding: 'base64url',
      shared: true,
    });
  });
});
