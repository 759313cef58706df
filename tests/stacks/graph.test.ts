import * as pulumi from '@pulumi/pulumi';
import { engineConfigOf, runMocked, type StackRun, valueOf, withoutReaders } from './stackRun';

const releases = ['cilium', 'coredns', 'spegel', 'cert-manager', 'external-secrets', 'flux-operator', 'flux-instance'];
const generated = ['backup-password', 'tsig-secret', 'webhook-token'];
const tokenItems = ['cert-manager', 'cloudflared', 'external-dns-cloudflare'];
const zoneSettings = ['always_use_https', 'min_tls_version', 'ssl'];

/** The differences between the fixture stacks. */
const stacks = {
  east: { nodes: ['east-01', 'east-02', 'east-03', 'east-04'], ownsZone: true },
  west: { nodes: ['west-01'], ownsZone: false },
};

/** Every resource of a stack, as `type name`, sorted. */
function expectedGraph(stack: keyof typeof stacks): string[] {
  const { nodes, ownsZone } = stacks[stack];
  const zone = [
    `cloudflare:index/dnsRecord:DnsRecord ${stack}-zone-hostname`,
    ...zoneSettings.map((id) => `cloudflare:index/zoneSetting:ZoneSetting ${stack}-${id}`),
  ];
  return [
    `cloudflare:index/apiToken:ApiToken ${stack}-cert-manager`,
    `cloudflare:index/apiToken:ApiToken ${stack}-external-dns`,
    `cloudflare:index/dnsRecord:DnsRecord ${stack}-hostname`,
    `k8s-gitops:bootstrap:BootstrapPrerequisites ${stack}`,
    `k8s-gitops:bootstrap:Core ${stack}`,
    `k8s-gitops:bootstrap:Crds ${stack}`,
    `k8s-gitops:cloudflare:CloudflareTunnel ${stack}`,
    `k8s-gitops:flux:FluxHandover ${stack}`,
    `k8s-gitops:onepassword:CiliumCertificateAuthority ${stack}`,
    `k8s-gitops:onepassword:ClusterAccess ${stack}`,
    `k8s-gitops:onepassword:GeneratedSecrets ${stack}`,
    `k8s-gitops:talos:ControlPlane ${stack}`,
    `k8s-gitops:talos:InstallerImages ${stack}`,
    `k8s-gitops:talos:Machines ${stack}`,
    `k8s-gitops:talos:Versions ${stack}`,
    `kubernetes:core/v1:ConfigMap ${stack}-cilium-ca-bundle`,
    `kubernetes:core/v1:Namespace ${stack}-cert-manager`,
    `kubernetes:core/v1:Namespace ${stack}-external-secrets`,
    `kubernetes:core/v1:Namespace ${stack}-flux-system`,
    `kubernetes:core/v1:Secret ${stack}-cilium-ca`,
    `kubernetes:core/v1:Secret ${stack}-connect-token`,
    ...releases.map((release) => `platform:index:BootstrapRelease ${stack}-${release}`),
    `platform:index:ClusterNodes ${stack}`,
    `platform:index:CustomResourceDefinitions ${stack}`,
    `platform:index:EtcdBootstrap ${stack}`,
    `platform:index:KubernetesVersion ${stack}`,
    ...nodes.map((node) => `platform:index:MachineConfiguration ${node}`),
    ...nodes.map((node) => `platform:index:MachineSystem ${node}`),
    `platform:index:GeneratedCertificateAuthority ${stack}-cilium-ca`,
    ...[...generated, 'tunnel-secret'].map((name) => `platform:index:GeneratedSecret ${stack}-${name}`),
    `platform:index:Handover ${stack}`,
    `platform:index:MachineSecrets ${stack}`,
    ...['kubeconfig', 'talosconfig', ...tokenItems].map((name) => `platform:index:OnePasswordItem ${stack}-${name}`),
    `platform:index:PhaseStart ${stack}-talos`,
    `platform:index:TalosIdentity ${stack}`,
    `platform:index:Tunnel ${stack}`,
    `pulumi:providers:cloudflare ${stack}`,
    `pulumi:providers:kubernetes ${stack}`,
    `talos:cluster/kubeconfig:Kubeconfig ${stack}`,
    `talos:imageFactory/schematic:Schematic ${stack}-default`,
    `talos:machine/secrets:Secrets ${stack}`,
    ...(ownsZone ? zone : []),
  ].sort();
}

/** Aliases of renamed resources, as `type name → former name or type`: existing states keep these resources. */
const formerNames = (stack: keyof typeof stacks): string[] =>
  [
    `cloudflare:index/dnsRecord:DnsRecord ${stack}-hostname → name ${stack}-anchor`,
    ...(stacks[stack].ownsZone
      ? [`cloudflare:index/dnsRecord:DnsRecord ${stack}-zone-hostname → name ${stack}-zone-anchor`]
      : []),
    `k8s-gitops:bootstrap:BootstrapPrerequisites ${stack} → type k8s-gitops:bootstrap:Roots`,
    `k8s-gitops:cloudflare:CloudflareTunnel ${stack} → type k8s-gitops:cloudflare:Edge`,
    `k8s-gitops:talos:InstallerImages ${stack} → type k8s-gitops:talos:InstallerImage`,
    `talos:imageFactory/schematic:Schematic ${stack}-default → name ${stack}`,
    `platform:index:GeneratedCertificateAuthority ${stack}-cilium-ca → type platform:index:VaultCertificateAuthority`,
    ...[...generated, 'tunnel-secret'].map(
      (name) => `platform:index:GeneratedSecret ${stack}-${name} → type platform:index:VaultSecret`,
    ),
    ...['kubeconfig', 'talosconfig', ...tokenItems].map(
      (name) => `platform:index:OnePasswordItem ${stack}-${name} → type platform:index:VaultItem`,
    ),
    ...stacks[stack].nodes.map(
      (node) =>
        `platform:index:MachineConfiguration ${node} → type talos:machine/configurationApply:ConfigurationApply`,
    ),
    `platform:index:Tunnel ${stack} → type cloudflare:index/zeroTrustTunnelCloudflared:ZeroTrustTunnelCloudflared`,
  ].sort();

test('a stack without Cloudflare needs no token of it, and has nothing there', async () => {
  const {
    'k8s-gitops:cloudflare': _section,
    'k8s-gitops:cloudflareApiToken': _token,
    ...config
  } = engineConfigOf('east');
  const root = withoutReaders('cloudflared');
  const run = await runMocked('east', { root, config });
  const edge =
    /^(cloudflare:|pulumi:providers:cloudflare|k8s-gitops:cloudflare|platform:index:Tunnel)|tunnel-secret|OnePasswordItem \S+-(cert-manager|cloudflared|external-dns)/;
  expect(run.graph).toEqual(expectedGraph('east').filter((resource) => !edge.test(resource)));
  expect(run.recorder.calls.filter(({ token }) => token.startsWith('cloudflare:'))).toEqual([]);
});

test('a stack generates only the secrets that something reads', async () => {
  const config = engineConfigOf('east');
  const run = await runMocked('east', { root: withoutReaders('flux-webhook', 'backups'), config });
  const unread = /GeneratedSecret east-(webhook-token|backup-password)$/;
  expect(run.graph).toEqual(expectedGraph('east').filter((resource) => !unread.test(resource)));
});

describe.each(['east', 'west'] as const)('the stack %s', (stack) => {
  const { nodes, ownsZone } = stacks[stack];
  let run: StackRun;

  beforeAll(async () => {
    run = await runMocked(stack);
  });

  test('has exactly these resources', () => {
    expect(run.graph).toEqual(expectedGraph(stack));
  });

  test('has the same resources in the first preview, where every output is unknown', async () => {
    const preview = await runMocked(stack, { preview: true });
    expect(preview.graph).toEqual(expectedGraph(stack));
    // Machine configurations need the machine secrets, which do not exist yet. Account and zone exist before the stack.
    expect(preview.recorder.calls.map(({ token }) => token).sort()).toEqual([
      'cloudflare:index/getAccounts:getAccounts',
      'cloudflare:index/getApiTokenPermissionGroupsList:getApiTokenPermissionGroupsList',
      'cloudflare:index/getZones:getZones',
    ]);
    const outputs = [preview.outputs.kubeconfig, preview.outputs.talosconfig, preview.outputs.revision];
    const known = outputs.map((output) => (output as unknown as { isKnown: Promise<boolean> }).isKnown);
    expect(await Promise.all(known)).toEqual([false, false, false]);
  });

  test('has an alias for every renamed resource', () => {
    const aliases = run.recorder.resources.flatMap(({ type, name, aliases: former }) =>
      former
        // Aliases of the Cloudflare SDK itself.
        .filter((alias) => !type.startsWith('cloudflare:') || !alias.startsWith('type cloudflare:'))
        .map((alias) => `${type} ${name} → ${alias}`),
    );
    expect(aliases.sort()).toEqual(formerNames(stack));
  });

  test('retains on delete what cannot be recreated or is still in use, and protects nothing from `destroy`', () => {
    const retained = run.recorder.resources.filter(({ retainOnDelete }) => retainOnDelete);
    expect(retained.map(({ type, name }) => `${type} ${name}`).sort()).toEqual(
      [
        ...(ownsZone ? zoneSettings.map((id) => `cloudflare:index/zoneSetting:ZoneSetting ${stack}-${id}`) : []),
        `kubernetes:core/v1:ConfigMap ${stack}-cilium-ca-bundle`,
        `kubernetes:core/v1:Namespace ${stack}-cert-manager`,
        `kubernetes:core/v1:Namespace ${stack}-external-secrets`,
        `kubernetes:core/v1:Namespace ${stack}-flux-system`,
        `kubernetes:core/v1:Secret ${stack}-cilium-ca`,
        `kubernetes:core/v1:Secret ${stack}-connect-token`,
        `platform:index:GeneratedCertificateAuthority ${stack}-cilium-ca`,
        ...generated.map((name) => `platform:index:GeneratedSecret ${stack}-${name}`),
        `platform:index:MachineSecrets ${stack}`,
        `platform:index:OnePasswordItem ${stack}-kubeconfig`,
        `platform:index:OnePasswordItem ${stack}-talosconfig`,
        `talos:machine/secrets:Secrets ${stack}`,
      ].sort(),
    );
    expect(run.recorder.resources.filter((resource) => resource.protect)).toEqual([]);
  });

  test('marks every secret input', () => {
    const marked = run.recorder.resources.flatMap(({ type, name, secretInputs }) =>
      secretInputs.map((path) => `${type} ${name} ${path}`),
    );
    expect(marked.sort()).toEqual(
      [
        `kubernetes:core/v1:Secret ${stack}-cilium-ca data`,
        `kubernetes:core/v1:Secret ${stack}-connect-token data`,
        ...releases.map((release) => `platform:index:BootstrapRelease ${stack}-${release} kubeconfig`),
        `platform:index:CustomResourceDefinitions ${stack} kubeconfig`,
        `platform:index:ClusterNodes ${stack} clientConfiguration`,
        `platform:index:KubernetesVersion ${stack} clientConfiguration`,
        ...nodes.map((node) => `platform:index:MachineSystem ${node} clientConfiguration`),
        `platform:index:EtcdBootstrap ${stack} clientConfiguration`,
        `platform:index:GeneratedCertificateAuthority ${stack}-cilium-ca connectToken`,
        ...[...generated, 'tunnel-secret'].map(
          (name) => `platform:index:GeneratedSecret ${stack}-${name} connectToken`,
        ),
        `platform:index:Handover ${stack} kubeconfig`,
        ...['connectToken', 'generated'].map((input) => `platform:index:MachineSecrets ${stack} ${input}`),
        ...['kubeconfig', 'talosconfig', ...tokenItems].flatMap((name) =>
          ['connectToken', 'fields'].map((input) => `platform:index:OnePasswordItem ${stack}-${name} ${input}`),
        ),
        `platform:index:TalosIdentity ${stack} certificateAuthority`,
        ...['apiToken', 'tunnelSecret'].map((input) => `platform:index:Tunnel ${stack} ${input}`),
        `pulumi:providers:cloudflare ${stack} apiToken`,
        `pulumi:providers:kubernetes ${stack} kubeconfig`,
        `talos:cluster/kubeconfig:Kubeconfig ${stack} clientConfiguration`,
        ...nodes.flatMap((node) =>
          ['clientConfiguration', 'configuration'].map(
            (input) => `platform:index:MachineConfiguration ${node} ${input}`,
          ),
        ),
      ].sort(),
    );
  });

  test('touches no machine before 1Password and Cloudflare are done', () => {
    const first = run.dependenciesOf(run.find('platform:index:MachineConfiguration', `${stack}-01`));
    const outside = run.graph.filter((resource) =>
      /^(cloudflare:|platform:index:Generated)|OnePasswordItem \S+-(cert-manager|cloudflared|external-dns)/.test(
        resource,
      ),
    );
    expect(first).toEqual(expect.arrayContaining(outside));
  });

  test('outputs what the first run did, and nothing that changes between runs', async () => {
    const { outputs } = run;
    expect(Object.keys(outputs).sort()).toEqual([
      'kubeconfig',
      'phasesSeconds',
      'releases',
      'revision',
      'secretAges',
      'talosconfig',
    ]);
    expect(await valueOf(outputs.revision)).toBe('main@sha1:abc');
    expect(await valueOf(outputs.phasesSeconds)).toEqual({ total: 1 });
    expect(await valueOf(pulumi.output(outputs.releases))).toEqual(
      Object.fromEntries(releases.map((release) => [release, { action: 'installed', revision: 1 }])),
    );
    expect(await valueOf(outputs.secretAges)).toMatchObject({
      connectToken: { category: 'bootstrap-token' },
      connectWriteToken: { category: 'bootstrap-token' },
      'kubernetes/shared/cilium-ca ca.key': { category: 'certificate-authority' },
      [`kubernetes/${stack}/flux webhook-token`]: { category: 'api-key', madeAt: 'then' },
    });
    expect(await pulumi.isSecret(outputs.secretAges)).toBe(false);
    expect(await pulumi.isSecret(outputs.kubeconfig)).toBe(true);
    expect(await pulumi.isSecret(outputs.talosconfig)).toBe(true);
  });
});
