import * as pulumi from '@pulumi/pulumi';
import { parse } from 'yaml';
import type { Registered } from '../components/recorder';
import { engineConfigOf, runMocked } from './stackRun';

jest.mock('../../stacks/helm', () => ({ requireHelm: () => Promise.resolve() }));
jest.mock('../../stacks/credentials', () => ({
  ...jest.requireActual<object>('../../stacks/credentials'),
  requireCredentials: () => Promise.resolve(),
}));

const releases = ['cilium', 'coredns', 'spegel', 'cert-manager', 'external-secrets', 'flux-operator', 'flux-instance'];

const generated = ['webhook-token', 'backup-password', 'tsig-secret'];
const zoneSettings = { ssl: 'strict', always_use_https: 'on', min_tls_version: '1.2' };

function edgeOf(stack: string): string[] {
  const all = [
    `k8s-gitops:cloudflare:CloudflareTunnel ${stack}`,
    `pulumi:providers:cloudflare ${stack}`,
    `platform:index:GeneratedSecret ${stack}-tunnel-secret`,
    `cloudflare:index/zeroTrustTunnelCloudflared:ZeroTrustTunnelCloudflared ${stack}`,
    `cloudflare:index/dnsRecord:DnsRecord ${stack}-hostname`,
    ...['cert-manager', 'external-dns'].map((user) => `cloudflare:index/apiToken:ApiToken ${stack}-${user}`),
    ...['cloudflared', 'cert-manager', 'external-dns-cloudflare'].map(
      (app) => `platform:index:OnePasswordItem ${stack}-${app}`,
    ),
  ];
  // One stack owns the zone.
  if (stack !== 'infra') return all;
  const settings = Object.keys(zoneSettings).map((id) => `cloudflare:index/zoneSetting:ZoneSetting ${stack}-${id}`);
  return [...all, `cloudflare:index/dnsRecord:DnsRecord ${stack}-zone-hostname`, ...settings];
}

/** Every resource of a stack, as `type name`, in no order. */
function expectedGraph(stack: string): string[] {
  const nodes = [`${stack}-01`, `${stack}-02`, `${stack}-03`];
  return [
    `k8s-gitops:talos:InstallerImage ${stack}`,
    `talos:imageFactory/schematic:Schematic ${stack}`,
    `k8s-gitops:talos:Machines ${stack}`,
    `talos:machine/secrets:Secrets ${stack}`,
    ...nodes.map((node) => `talos:machine/configurationApply:ConfigurationApply ${node}`),
    `k8s-gitops:talos:ControlPlane ${stack}`,
    `platform:index:EtcdBootstrap ${stack}`,
    `talos:cluster/kubeconfig:Kubeconfig ${stack}`,
    `k8s-gitops:onepassword:CiliumCertificateAuthority ${stack}`,
    `platform:index:GeneratedCertificateAuthority ${stack}-cilium-ca`,
    `k8s-gitops:onepassword:GeneratedSecrets ${stack}`,
    ...generated.map((name) => `platform:index:GeneratedSecret ${stack}-${name}`),
    `k8s-gitops:onepassword:ClusterAccess ${stack}`,
    `platform:index:OnePasswordItem ${stack}-kubeconfig`,
    `platform:index:OnePasswordItem ${stack}-talosconfig`,
    ...edgeOf(stack),
    `k8s-gitops:bootstrap:Crds ${stack}`,
    `platform:index:CustomResourceDefinitions ${stack}`,
    `pulumi:providers:kubernetes ${stack}`,
    `k8s-gitops:bootstrap:BootstrapPrerequisites ${stack}`,
    `kubernetes:core/v1:Namespace ${stack}-cert-manager`,
    `kubernetes:core/v1:Namespace ${stack}-external-secrets`,
    `kubernetes:core/v1:Namespace ${stack}-flux-system`,
    `kubernetes:core/v1:Secret ${stack}-connect-token`,
    `kubernetes:core/v1:Secret ${stack}-cilium-ca`,
    `kubernetes:core/v1:ConfigMap ${stack}-cilium-ca-bundle`,
    `k8s-gitops:bootstrap:Core ${stack}`,
    ...releases.map((release) => `platform:index:BootstrapRelease ${stack}-${release}`),
    `k8s-gitops:flux:FluxHandover ${stack}`,
    `platform:index:Handover ${stack}`,
  ].sort();
}

const facts = {
  infra: { first: '10.25.11.11', nodes: ['10.25.11.11', '10.25.11.12', '10.25.11.13'] },
  apps: { first: '10.25.11.14', nodes: ['10.25.11.14', '10.25.11.15', '10.25.11.16'] },
};

const valueOf = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply((value) => resolve(value)));

describe.each(['infra', 'apps'] as const)('the %s stack', (stack) => {
  const { first, nodes } = facts[stack];
  let run: Awaited<ReturnType<typeof runMocked>>;
  const find = (type: string, name: string = stack): Registered => {
    const found = run.recorder.resources.find((resource) => resource.type === type && resource.name === name);
    if (found === undefined) throw new Error(`no ${type} ${name}`);
    return found;
  };
  /** The own resources that a resource waits for, as `type name`. */
  const waitsFor = (resource: Registered) =>
    run.recorder.resources
      .filter(({ urn }) => resource.dependencies.includes(urn))
      .map(({ type, name }) => `${type} ${name}`)
      .sort();

  beforeAll(async () => {
    run = await runMocked(stack);
  });

  test('is exactly this graph', () => {
    expect(run.recorder.resources.map(({ type, name }) => `${type} ${name}`).sort()).toEqual(expectedGraph(stack));
  });

  test('keeps what would hurt when it is deleted, and protects nothing from `destroy`', () => {
    const kept = run.recorder.resources
      .filter(({ retainOnDelete }) => retainOnDelete)
      .map(({ name, type }) => `${type} ${name}`);
    const settings = stack === 'infra' ? Object.keys(zoneSettings) : [];
    expect(kept.sort()).toEqual([
      ...settings.map((id) => `cloudflare:index/zoneSetting:ZoneSetting ${stack}-${id}`).sort(),
      `kubernetes:core/v1:ConfigMap ${stack}-cilium-ca-bundle`,
      `kubernetes:core/v1:Namespace ${stack}-cert-manager`,
      `kubernetes:core/v1:Namespace ${stack}-external-secrets`,
      `kubernetes:core/v1:Namespace ${stack}-flux-system`,
      `kubernetes:core/v1:Secret ${stack}-cilium-ca`,
      `kubernetes:core/v1:Secret ${stack}-connect-token`,
      `platform:index:GeneratedCertificateAuthority ${stack}-cilium-ca`,
      `platform:index:OnePasswordItem ${stack}-kubeconfig`,
      `platform:index:OnePasswordItem ${stack}-talosconfig`,
      ...generated.map((name) => `platform:index:GeneratedSecret ${stack}-${name}`).sort(),
      `talos:machine/secrets:Secrets ${stack}`,
    ]);
    expect(run.recorder.resources.filter((resource) => resource.protect)).toEqual([]);
  });

  test('replaces a changed schematic', () => {
    const schematic = find('talos:imageFactory/schematic:Schematic');
    expect(schematic.replaceOnChanges).toEqual(['schematic']);
    const { customization } = parse(schematic.inputs.schematic as string);
    expect(customization.extraKernelArgs).toHaveLength(9);
    expect(customization.systemExtensions.officialExtensions).toEqual([
      'siderolabs/intel-ucode',
      'siderolabs/i915',
      'siderolabs/iscsi-tools',
      'siderolabs/nfsrahead',
    ]);
  });

  test('marks every secret that it hands on', () => {
    const marked = run.recorder.resources.flatMap(({ type, name, secretInputs }) =>
      secretInputs.map((path) => `${type} ${name} ${path}`),
    );
    const kubeconfig = (type: string, name: string = stack) => `${type} ${name} kubeconfig`;
    expect(marked.sort()).toEqual(
      [
        ...[1, 2, 3].flatMap((index) =>
          ['clientConfiguration', 'machineConfigurationInput'].map(
            (input) => `talos:machine/configurationApply:ConfigurationApply ${stack}-0${index} ${input}`,
          ),
        ),
        `platform:index:EtcdBootstrap ${stack} clientConfiguration`,
        `talos:cluster/kubeconfig:Kubeconfig ${stack} clientConfiguration`,
        `platform:index:GeneratedCertificateAuthority ${stack}-cilium-ca connectToken`,
        ...[...generated, 'tunnel-secret'].map(
          (name) => `platform:index:GeneratedSecret ${stack}-${name} connectToken`,
        ),
        ...['kubeconfig', 'talosconfig', 'cloudflared', 'cert-manager', 'external-dns-cloudflare'].flatMap((name) =>
          ['connectToken', 'fields'].map((input) => `platform:index:OnePasswordItem ${stack}-${name} ${input}`),
        ),
        `pulumi:providers:cloudflare ${stack} apiToken`,
        `cloudflare:index/zeroTrustTunnelCloudflared:ZeroTrustTunnelCloudflared ${stack} tunnelSecret`,
        `kubernetes:core/v1:Secret ${stack}-connect-token data`,
        `kubernetes:core/v1:Secret ${stack}-cilium-ca data`,
        kubeconfig('pulumi:providers:kubernetes'),
        kubeconfig('platform:index:CustomResourceDefinitions'),
        ...releases.map((release) => kubeconfig('platform:index:BootstrapRelease', `${stack}-${release}`)),
        kubeconfig('platform:index:Handover'),
      ].sort(),
    );
  });

  test('makes one configuration a node, always with versions, image and disk', () => {
    const calls = run.recorder.calls.filter(({ token }) => token === 'talos:machine/getConfiguration:getConfiguration');
    expect(calls).toHaveLength(3);
    for (const { inputs } of calls) {
      expect(inputs).toMatchObject({
        clusterName: stack,
        clusterEndpoint: `https://${stack}-k8s.monosense.io:6443`,
        machineType: 'controlplane',
        talosVersion: 'v1.11.2',
        kubernetesVersion: 'v1.34.1',
        docs: false,
        examples: false,
        machineSecrets: { cluster: { id: 'machine-id' } },
      });
      const patch = parse((inputs.configPatches as string[])[0]!);
      expect(patch.machine.install).toEqual({
        image: `factory.talos.dev/metal-installer/${stack}-id:v1.11.2`,
        disk: '/dev/sda',
      });
    }
    const hosts = calls.map(({ inputs }) => parse((inputs.configPatches as string[])[2]!).machine.network.hostname);
    expect(hosts.sort()).toEqual([`${stack}-01`, `${stack}-02`, `${stack}-03`]);
  });

  test('sends each node its configuration', () => {
    nodes.forEach((address, index) => {
      const apply = find('talos:machine/configurationApply:ConfigurationApply', `${stack}-0${index + 1}`);
      expect(apply.inputs).toEqual({
        node: address,
        endpoint: address,
        applyMode: 'auto',
        clientConfiguration: { caCertificate: 'Y2E=', clientCertificate: 'Y3J0', clientKey: 'a2V5' },
        machineConfigurationInput: 'controlplane configuration',
      });
      expect(apply.secretOutputs).toEqual(
        expect.arrayContaining(['clientConfiguration', 'machineConfiguration', 'machineConfigurationInput']),
      );
    });
  });

  test('bootstraps etcd once all machines have their configuration, then fetches the kubeconfig', () => {
    const etcd = find('platform:index:EtcdBootstrap');
    expect(etcd.inputs).toEqual({
      cluster: stack,
      node: first,
      endpoint: first,
      clientConfiguration: { caCertificate: 'Y2E=', clientCertificate: 'Y3J0', clientKey: 'a2V5' },
      timeoutSeconds: 1200,
    });
    expect(waitsFor(etcd)).toEqual(
      expect.arrayContaining(
        [1, 2, 3].map((index) => `talos:machine/configurationApply:ConfigurationApply ${stack}-0${index}`),
      ),
    );
    const kubeconfig = find('talos:cluster/kubeconfig:Kubeconfig');
    expect(kubeconfig.inputs).toMatchObject({ node: first, endpoint: first });
    expect(waitsFor(kubeconfig)).toContain(`platform:index:EtcdBootstrap ${stack}`);
  });

  test('dials the first control plane, and gives people the DNS name', async () => {
    const internal = `clusters: [ { name: c, cluster: { server: https://${first}:6443 } } ]\n`;
    const users = run.recorder.resources.filter(({ inputs }) => 'kubeconfig' in inputs);
    expect(users).toHaveLength(1 + 1 + releases.length + 1);
    for (const { inputs } of users) expect(parse(inputs.kubeconfig as string)).toEqual(parse(internal));
    expect(parse(await valueOf(run.outputs.kubeconfig)).clusters[0].cluster.server).toBe(
      `https://${stack}-k8s.monosense.io:6443`,
    );
    expect(await valueOf(run.outputs.talosconfig)).toBe('talosconfig');
    expect(await pulumi.isSecret(run.outputs.kubeconfig)).toBe(true);
    expect(await pulumi.isSecret(run.outputs.talosconfig)).toBe(true);
  });

  test('names the talosconfig’s endpoints and nodes', () => {
    const call = run.recorder.calls.find(({ token }) => token === 'talos:client/getConfiguration:getConfiguration');
    expect(call?.inputs).toMatchObject({ clusterName: stack, endpoints: nodes, nodes });
  });

  test('takes the Cilium CA from 1Password with the token that may write', () => {
    const ca = find('platform:index:GeneratedCertificateAuthority', `${stack}-cilium-ca`);
    expect(ca.inputs).toEqual({
      connectHost: 'https://opconnect.monosense.dev',
      connectToken: 'write token',
      vault: 'k8s-gitops',
      title: 'kubernetes/shared/cilium-ca',
      commonName: 'Cilium CA',
      validityYears: 10,
    });
    expect(ca.dependencies).toEqual([]);
  });

  test('makes what nobody issues where the vault has none', () => {
    const vault = { connectHost: 'https://opconnect.monosense.dev', connectToken: 'write token', vault: 'k8s-gitops' };
    const made = generated.map((name) => find('platform:index:GeneratedSecret', `${stack}-${name}`).inputs);
    expect(made).toEqual([
      { ...vault, title: `kubernetes/${stack}/flux`, field: 'webhook-token', bytes: 32, encoding: 'base64url' },
      { ...vault, title: `kubernetes/${stack}/volsync`, field: 'restic-password', bytes: 32, encoding: 'base64url' },
      {
        ...vault,
        title: `kubernetes/${stack}/external-dns-rfc2136`,
        field: 'tsig-secret',
        bytes: 32,
        encoding: 'base64',
      },
    ]);
  });

  test('keeps the ways into the cluster in 1Password', async () => {
    const fields = (name: string) => find('platform:index:OnePasswordItem', `${stack}-${name}`).inputs;
    expect(fields('kubeconfig')).toMatchObject({
      title: `kubernetes/${stack}/kubeconfig`,
      fields: { kubeconfig: await valueOf(run.outputs.kubeconfig) },
    });
    expect(fields('talosconfig')).toMatchObject({
      title: `kubernetes/${stack}/talosconfig`,
      fields: { talosconfig: 'talosconfig' },
    });
  });

  test('has a tunnel with its ingress in Git, and a proxied name that leads into it', () => {
    const secret = find('platform:index:GeneratedSecret', `${stack}-tunnel-secret`);
    expect(secret.inputs).toMatchObject({
      title: `kubernetes/${stack}/cloudflare-tunnel`,
      field: 'tunnel-secret',
      bytes: 32,
      encoding: 'base64',
    });
    expect(find('cloudflare:index/zeroTrustTunnelCloudflared:ZeroTrustTunnelCloudflared').inputs).toEqual({
      accountId: 'account-id',
      name: `k8s-gitops-${stack}`,
      configSrc: 'local',
      tunnelSecret: `${stack}-tunnel-secret value`,
    });
    const records = run.recorder.resources.filter(({ type }) => type === 'cloudflare:index/dnsRecord:DnsRecord');
    const names = [`external-${stack}.monosense.io`, ...(stack === 'infra' ? ['external.monosense.io'] : [])];
    expect(records.map(({ inputs }) => inputs.name)).toEqual(names);
    for (const { inputs } of records) {
      expect(inputs).toMatchObject({
        zoneId: 'zone-id',
        type: 'CNAME',
        content: `${stack}-id.cfargotunnel.com`,
        proxied: true,
        ttl: 1,
      });
    }
    const token = find('platform:index:OnePasswordItem', `${stack}-cloudflared`).inputs;
    const text = Buffer.from((token.fields as { token: string }).token, 'base64').toString('utf8');
    expect(token.title).toBe(`kubernetes/${stack}/cloudflared`);
    expect(JSON.parse(text)).toEqual({ a: 'account-id', t: `${stack}-id`, s: `${stack}-tunnel-secret value` });
  });

  test('gives cert-manager and ExternalDNS a token each that edits the records of the one zone', () => {
    const users = {
      'cert-manager': ['cert-manager', 'cloudflare-api-token'],
      'external-dns': ['external-dns-cloudflare', 'api-token'],
    };
    for (const [user, [app, field]] of Object.entries(users)) {
      const token = find('cloudflare:index/apiToken:ApiToken', `${stack}-${user}`);
      expect(token.inputs).toEqual({
        name: `k8s-gitops ${stack} ${user}`,
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
      expect(find('platform:index:OnePasswordItem', `${stack}-${app}`).inputs).toMatchObject({
        title: `kubernetes/${stack}/${app}`,
        fields: { [field!]: `${stack}-${user} value` },
      });
    }
  });

  test('sets the zone only as its owner', () => {
    const settings = run.recorder.resources.filter(({ type }) => type === 'cloudflare:index/zoneSetting:ZoneSetting');
    const set = Object.fromEntries(settings.map(({ inputs }) => [inputs.settingId, inputs.value]));
    expect(set).toEqual(stack === 'infra' ? zoneSettings : {});
  });

  test('applies the CRDs of these sources, in order', () => {
    const { inputs } = find('platform:index:CustomResourceDefinitions');
    const sources = inputs.sources as Record<string, string>[];
    expect(sources.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'git gateway-api',
      'chart prometheus-operator-crds',
      'chart victoria-metrics-operator-crds',
      'chart cert-manager',
      'chart external-secrets',
    ]);
    expect(sources[0]).toEqual({
      kind: 'git',
      name: 'gateway-api',
      url: expect.stringContaining('gateway-api'),
      tag: 'v1.3.0',
      path: expect.any(String),
    });
    for (const source of sources.slice(1)) {
      expect(source.chartUrl).toMatch(/^oci:\/\//);
      expect(source.version).toMatch(/^v?\d+\.\d+\.\d+$/);
      expect(typeof JSON.parse(source.values!)).toBe('object');
    }
  });

  test('has one Kubernetes provider that no kubeconfig replaces', () => {
    const provider = find('pulumi:providers:kubernetes');
    expect(provider.inputs).toMatchObject({
      clusterIdentifier: stack,
      enableServerSideApply: 'true',
      upsertExistingObjects: 'true',
    });
    const objects = run.recorder.resources.filter(({ type }) => type.startsWith('kubernetes:'));
    expect(objects).toHaveLength(6);
    for (const object of objects) expect(object.provider).toContain(`pulumi:providers:kubernetes::${stack}::`);
  });

  test('sets one annotation on namespaces and nothing else', () => {
    for (const name of ['cert-manager', 'external-secrets', 'flux-system']) {
      expect(find('kubernetes:core/v1:Namespace', `${stack}-${name}`).inputs).toEqual({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, annotations: { 'kustomize.toolkit.fluxcd.io/prune': 'Disabled' } },
      });
    }
  });

  test('seeds the reading token and the Cilium CA', () => {
    const token = find('kubernetes:core/v1:Secret', `${stack}-connect-token`);
    expect(token.inputs).toMatchObject({
      metadata: { name: 'onepassword-connect-token', namespace: 'external-secrets' },
      type: 'Opaque',
      data: { token: Buffer.from('read token').toString('base64') },
    });
    expect(waitsFor(token)).toContain(`kubernetes:core/v1:Namespace ${stack}-external-secrets`);
    expect(find('kubernetes:core/v1:Secret', `${stack}-cilium-ca`).inputs).toMatchObject({
      metadata: { name: 'cilium-ca', namespace: 'kube-system' },
      type: 'Opaque',
      data: { 'ca.crt': Buffer.from('CERT').toString('base64'), 'ca.key': Buffer.from('KEY').toString('base64') },
    });
    expect(find('kubernetes:core/v1:ConfigMap', `${stack}-cilium-ca-bundle`).inputs).toMatchObject({
      metadata: { name: 'cilium-root-ca.crt', namespace: 'kube-system' },
      data: { 'ca.crt': 'CERT and the one before' },
    });
    for (const name of ['cert-manager', 'external-secrets', 'flux-system']) {
      expect(waitsFor(find('kubernetes:core/v1:Namespace', `${stack}-${name}`))).toContain(
        `platform:index:CustomResourceDefinitions ${stack}`,
      );
    }
  });

  test('installs the core in order, each after the one before, the first after the seeds', () => {
    const chain = releases.map((release) => find('platform:index:BootstrapRelease', `${stack}-${release}`));
    expect(waitsFor(chain[0]!)).toEqual(
      expect.arrayContaining([
        `kubernetes:core/v1:Secret ${stack}-connect-token`,
        `kubernetes:core/v1:Secret ${stack}-cilium-ca`,
        `kubernetes:core/v1:ConfigMap ${stack}-cilium-ca-bundle`,
      ]),
    );
    chain.slice(1).forEach((release, index) => {
      expect(waitsFor(release)).toContain(`platform:index:BootstrapRelease ${chain[index]!.name}`);
    });
    expect(chain.map(({ inputs }) => `${String(inputs.namespace)}/${String(inputs.name)}`)).toEqual([
      'kube-system/cilium',
      'kube-system/coredns',
      'kube-system/spegel',
      'cert-manager/cert-manager',
      'external-secrets/external-secrets',
      'flux-system/flux-operator',
      'flux-system/flux-instance',
    ]);
    const cilium = chain[0]!.inputs;
    expect(cilium).toMatchObject({ storageNamespace: 'kube-system', version: '1.18.3' });
    expect(JSON.parse(cilium.values as string)).toMatchObject({
      cluster: { name: stack },
      k8sServiceHost: 'localhost',
    });
    for (const { inputs } of chain) expect(JSON.stringify(inputs)).not.toMatch(/\$\{[A-Z_]+\}/);
  });

  test('hands over last, with the times of every phase', () => {
    const handover = find('platform:index:Handover');
    expect(waitsFor(handover)).toEqual(
      expect.arrayContaining([
        ...releases.map((release) => `platform:index:BootstrapRelease ${stack}-${release}`),
        // ExternalSecrets are ready once the vault has what the program makes.
        ...['cloudflared', 'cert-manager', 'external-dns-cloudflare'].map(
          (app) => `platform:index:OnePasswordItem ${stack}-${app}`,
        ),
        ...generated.map((name) => `platform:index:GeneratedSecret ${stack}-${name}`),
      ]),
    );
    expect(handover.inputs).toMatchObject({
      gitUrl: 'https://github.com/monosense-io/k8s-gitops.git',
      gitBranch: 'main',
      fluxNamespace: 'flux-system',
      timeoutSeconds: 1200,
      phases: {
        talos: { startedAt: `${stack} starts`, finishedAt: `${stack} ends` },
        crds: { startedAt: `${stack} starts`, finishedAt: `${stack} ends` },
        core: { startedAt: `${stack}-cilium starts`, finishedAt: `${stack}-flux-instance ends` },
      },
    });
    expect(handover.inputs.kustomizations).toEqual(
      expect.arrayContaining(['flux-system', 'namespaces', 'gateway-api', 'cilium', 'external-secrets-store']),
    );
  });

  test('gives out what was done, and nothing that changes by itself', async () => {
    expect(Object.keys(run.outputs).sort()).toEqual([
      'kubeconfig',
      'phasesSeconds',
      'releases',
      'revision',
      'talosconfig',
    ]);
    expect(await valueOf(run.outputs.revision)).toBe('main@sha1:abc');
    expect(await valueOf(run.outputs.phasesSeconds)).toEqual({ total: 1 });
    expect(await valueOf(pulumi.output(run.outputs.releases))).toEqual(
      Object.fromEntries(releases.map((release) => [release, { action: 'installed', revision: 1 }])),
    );
  });

  test('is the same graph in the first preview, with everything unknown', async () => {
    const preview = await runMocked(stack, { preview: true });
    expect(preview.recorder.resources.map(({ type, name }) => `${type} ${name}`).sort()).toEqual(expectedGraph(stack));
    // No secrets yet, so no configuration can be made; nothing that dials a machine is asked for. Cloudflare's names are
    // looked up, as account and zone are there before the stack is.
    expect(preview.recorder.calls.map(({ token }) => token).sort()).toEqual([
      'cloudflare:index/getAccounts:getAccounts',
      'cloudflare:index/getApiTokenPermissionGroupsList:getApiTokenPermissionGroupsList',
      'cloudflare:index/getZones:getZones',
    ]);
    const unknown = [preview.outputs.kubeconfig, preview.outputs.talosconfig, preview.outputs.revision];
    expect(
      await Promise.all(unknown.map((output) => (output as unknown as { isKnown: Promise<boolean> }).isKnown)),
    ).toEqual([false, false, false]);
  });

  test('dials overrides where the stack has them, and certifies them', async () => {
    const config = engineConfigOf(stack);
    const given = JSON.parse(config['k8s-gitops:nodes']!) as { address: string }[];
    const overridden = given.map((node) => ({ ...node, endpoint: node.address.replace(/^10/, '127') }));
    const lab = await runMocked(stack, { config: { ...config, 'k8s-gitops:nodes': JSON.stringify(overridden) } });
    const endpoint = first.replace(/^10/, '127');
    const etcd = lab.recorder.resources.find(({ type }) => type === 'platform:index:EtcdBootstrap');
    expect(etcd?.inputs).toMatchObject({ node: first, endpoint });
    const crds = lab.recorder.resources.find(({ type }) => type === 'platform:index:CustomResourceDefinitions');
    expect(parse(crds?.inputs.kubeconfig as string).clusters[0].cluster.server).toBe(`https://${endpoint}:6443`);
    const patches = lab.recorder.calls.find(({ inputs }) => 'configPatches' in inputs)?.inputs
      .configPatches as string[];
    expect(parse(patches[0]!).machine.certSANs).toContain(endpoint);
  });
});
