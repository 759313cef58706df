import { entryPointText, listedIn } from '../../../cli/init/entryPoint';
import { settingsText } from '../../../cli/init/settingsFile';
import { forgottenNodes, stackText } from '../../../cli/init/stackText';
import type { Answers, ClusterAnswers } from '../../../cli/init/answers';
import type { SettingKey } from '../../../cluster/settingTypes';
import { placesIn } from '../../../cluster/keyPath';
import { formatProblem } from '../../../cluster/problems';

describe('the list of systems', () => {
  const own = `# mine
resources:
  - cluster-settings.yaml # first
  - ../../systems/core
  # because of the router
  - ../../systems/cilium-bgp
  - ../../../apps
components:
  - ../../components/cluster-defaults
`;

  test('gets new systems at their place; resources and comments of people stay', () => {
    const text = entryPointText(own, ['core', 'cilium-bgp', 'cilium-l2', 'admission-policies']);
    expect(text).toBe(
      own
        .replace('systems/core\n', 'systems/core\n  - ../../systems/admission-policies\n')
        .replace('systems/cilium-bgp\n', 'systems/cilium-bgp\n  - ../../systems/cilium-l2\n'),
    );
    expect(listedIn(text)).toEqual(['core', 'admission-policies', 'cilium-bgp', 'cilium-l2']);
    expect(entryPointText(text, ['core', 'cilium-bgp', 'cilium-l2', 'admission-policies'])).toBe(text);
  });

  test('loses systems that are not wanted', () => {
    expect(listedIn(entryPointText(own, ['core']))).toEqual(['core']);
    expect(entryPointText(own, ['core'])).toContain('  - ../../../apps\n');
  });
});

describe('the settings', () => {
  const values = (...entries: [SettingKey, string][]): Map<SettingKey, string> => new Map(entries);
  const before = settingsText(
    'home',
    undefined,
    values(['CLUSTER', 'home'], ['CLUSTER_ID', '1'], ['TALOS_VERSION', 'v1.11.2']),
    [],
  );

  test('have the comments that explain them, and quotes where text looks like something else', () => {
    expect(before.slice(before.indexOf('\ndata:') + 1)).toBe(`data:
  # Cluster identity. The ID is the cluster's number in the mesh and must be unique.
  CLUSTER: home
  CLUSTER_ID: "1"

  # Versions that are upgraded one cluster at a time. \`pulumi up\` carries out those of Talos and Kubernetes, machine by
  # machine: one minor version at a time (docs/upgrades.md).
  # renovate: datasource=github-releases depName=siderolabs/talos
  TALOS_VERSION: v1.11.2
`);
  });

  test('come to their places; a comment by hand and a key by hand stay', () => {
    const own = before.replace('  CLUSTER: home', '  # ours\n  CLUSTER: home # by hand').concat('  OWN_KEY: "yes"\n');
    const text = settingsText(
      'home',
      own,
      values(['NODE_CIDR', '192.168.1.0/24'], ['POD_CIDR', '10.1.0.0/16'], ['KUBERNETES_VERSION', 'v1.34.1']),
      [],
    );
    expect(text).toBe(
      own
        .replace(
          '  CLUSTER_ID: "1"\n',
          `  CLUSTER_ID: "1"

  # Networks. Native routing must cover the pods and services of all clusters, or they cannot reach each other.
  NODE_CIDR: 192.168.1.0/24
  POD_CIDR: 10.1.0.0/16
`,
        )
        .replace(
          '  TALOS_VERSION: v1.11.2\n',
          `  TALOS_VERSION: v1.11.2
  # renovate: datasource=github-releases depName=kubernetes/kubernetes
  KUBERNETES_VERSION: v1.34.1
`,
        ),
    );
  });

  test('keep the explanation of their group, whichever of them exists', () => {
    const both = settingsText('home', before, values(['NODE_CIDR', '192.168.1.0/24'], ['POD_CIDR', '10.1.0.0/16']), []);
    const one = settingsText('home', before, values(['POD_CIDR', '10.1.0.0/16']), []);
    expect(settingsText('home', both, values(), ['NODE_CIDR'])).toBe(one);
    expect(settingsText('home', one, values(['NODE_CIDR', '192.168.1.0/24']), [])).toBe(both);
    expect(settingsText('home', one, values(), ['POD_CIDR'])).toBe(before);
    const kubernetes = settingsText('home', before, values(['KUBERNETES_VERSION', 'v1.34.1']), ['TALOS_VERSION']);
    expect(settingsText('home', kubernetes, values(['TALOS_VERSION', 'v1.11.2']), ['KUBERNETES_VERSION'])).toBe(before);
  });

  test('change only what differs', () => {
    expect(settingsText('home', before, values(['TALOS_VERSION', 'v1.12.0']), [])).toBe(
      before.replace('v1.11.2', 'v1.12.0'),
    );
    const odd = before.replace('CLUSTER: home', 'CLUSTER:     home');
    expect(settingsText('home', odd, values(['TALOS_VERSION', 'v1.11.2']), [])).toBe(odd);
  });
});

describe('the stack file', () => {
  const answers = { git: {} } as Answers;
  const cluster = {
    name: 'home',
    nodes: [
      { name: 'a', role: 'controlplane', address: '192.168.1.11' },
      { name: 'b', role: 'worker', address: '192.168.1.12', installDisk: '/dev/sdb' },
    ],
    network: { nodes: '192.168.1.0/24', addressing: 'dhcp' },
    api: { name: 'k8s.home.example' },
    installDisk: '/dev/sda',
    workloadsOnControlPlanes: true,
  } as unknown as ClusterAnswers;
  const write = (more: object, before?: string): string =>
    stackText({ answers, cluster: { ...cluster, ...more } }, before, 'k8s-gitops');
  const first = write({});

  test('has the answers of its machines', () => {
    expect(first.slice(first.indexOf('config:'))).toBe(`config:
  k8s-gitops:applyMode: auto
  k8s-gitops:nodes:
    - name: a
      role: controlplane
      address: 192.168.1.11
    - name: b
      role: worker
      address: 192.168.1.12
      installDisk: /dev/sdb
  # What every machine has. A role (controlPlane, worker) or a node may say it differently.
  k8s-gitops:machines:
    # Talos wipes it on first boot.
    installDisk: /dev/sda
  k8s-gitops:allowSchedulingOnControlPlanes: true
`);
  });

  test('names a common link once, and unlike links at each machine; control planes hold the virtual IP', () => {
    const api = { name: 'k8s.home.example', virtualIp: '192.168.1.10' };
    const fixed = { nodes: '192.168.1.0/24', addressing: 'static', gateway: '192.168.1.1' };
    const common = write({ link: 'eno1', network: fixed, api });
    expect(common).toContain(`    network:
      interfaces:
        eno1:
          routes:
            - network: 0.0.0.0/0
              gateway: 192.168.1.1
  k8s-gitops:controlPlane:
    network:
      interfaces:
        eno1:
          vip:
            ip: 192.168.1.10
`);
    const nodes = cluster.nodes.map((node, index) => ({ ...node, mac: `52:54:00:00:00:1${index}` }));
    const unlike = write({ nodes, api });
    expect(unlike).toContain(`    - name: a
      role: controlplane
      address: 192.168.1.11
      network:
        interfaces:
          lan:
            deviceSelector:
              hardwareAddr: "52:54:00:00:00:10"
            dhcp: true
            vip:
              ip: 192.168.1.10
    - name: b
      role: worker
      address: 192.168.1.12
      installDisk: /dev/sdb
      network:
        interfaces:
          lan:
            deviceSelector:
              hardwareAddr: "52:54:00:00:00:11"
            dhcp: true
`);
    expect(unlike).not.toContain('k8s-gitops:controlPlane');
  });

  test('keeps keys, secrets and comments of people; changes only what differs', () => {
    const own = first
      .replace('auto', 'staged # careful')
      .replace('      address: 192.168.1.11\n', '      address: 192.168.1.11\n      nodeLabels: { rack: one } # mine\n')
      .concat('  k8s-gitops:connectToken:\n    secure: v1:abc\nencryptionsalt: v1:xyz\n');
    expect(write({}, own)).toBe(own);
    expect(write({ installDisk: '/dev/nvme0n1' }, own)).toBe(own.replace('/dev/sda', '/dev/nvme0n1'));
    const third = { name: 'c', role: 'worker', address: '192.168.1.13' };
    expect(write({ nodes: [...cluster.nodes, third] }, own)).toBe(
      own.replace(
        '      installDisk: /dev/sdb\n',
        '      installDisk: /dev/sdb\n    - name: c\n      role: worker\n      address: 192.168.1.13\n',
      ),
    );
  });

  test('has a section for Cloudflare exactly if a system needs it', () => {
    const cloudflare = { account: 'Home', ownsZone: true };
    const text = stackText({ answers, cluster, cloudflare }, first, 'k8s-gitops');
    expect(text)
      .toBe(`${first}  # The account of the zone SECRET_DOMAIN. One stack owns the zone settings and the hostname external.<domain>.
  k8s-gitops:cloudflare:
    account: Home
    ownsZone: true
`);
    expect(write({}, text)).toBe(first);
  });

  test('keeps a machine that the answers forget, and says so', () => {
    const at = placesIn('site.yaml', () => 4);
    const left = { ...cluster, nodes: cluster.nodes.slice(0, 1) };
    expect(forgottenNodes(left, first, 'k8s-gitops', at).map(formatProblem)).toEqual([
      'site.yaml:4 nodes: found nothing, expected the node b of Pulumi.home.yaml too, because init removes no machine; add it; or mark it there with `leaving: true`, run `pulumi up`, and delete its entry by hand',
    ]);
    expect(forgottenNodes(cluster, first, 'k8s-gitops', at)).toEqual([]);
  });
});
