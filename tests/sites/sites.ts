import type { AnswersInput, ClusterAnswers } from '../../cli/init/answers';

type ClusterInput = AnswersInput['clusters'][number];

/** A site as someone has it: answers of `npm run init` in a clone of this repository. */
export interface Site {
  name: string;
  answers: AnswersInput;
}

const shared: Omit<AnswersInput, 'clusters'> = {
  git: { url: 'https://git.home.example/me/home-ops.git' },
  domain: 'home.example',
  privateDomain: 'lan.home.example',
  email: 'admin@home.example',
  onePassword: { host: 'https://connect.home.example', vault: 'homelab' },
  remove: ['infra', 'apps'],
};
const cloudflare = { account: 'Home' };
const bgp = { CILIUM_BGP_PEER_ASN: '64500', CILIUM_BGP_PEER_ADDRESS: '192.168.1.1' };
const backups = { VOLSYNC_S3_HOST: '192.168.1.3', VOLSYNC_S3_PORT: '9000', VOLSYNC_S3_BUCKET: 'backups' };

/** What most sites of one cluster run; each leaves out something else. */
const usual = [
  ...['load-balancer', 'cilium-l2', 'certificate-issuer-cloudflare', 'gateway-internal', 'gateway-external'],
  ...['external-dns-cloudflare', 'external-dns-rfc2136', 'cloudflared', 'admission-policies', 'snapshot-controller'],
  ...['openebs', 'rook-ceph', 'volsync', 'flux-monitoring', 'flux-receiver'],
];
const without = (...systems: string[]): string[] => usual.filter((system) => !systems.includes(system));

/** A cluster of three machines, number `at` of its site. */
function cluster(name: string, at: number, change: Partial<ClusterInput> = {}): ClusterInput {
  const subnet = `192.168.${at}`;
  return {
    name,
    nodes: [1, 2, 3].map((node) => ({ name: `${name}-0${node}`, address: `${subnet}.1${node}` })),
    installDisk: '/dev/sda',
    cephDisks: '^nvme[0-9]n1$',
    network: { nodes: `${subnet}.0/24` },
    api: { name: `${name}-k8s.home.example` },
    loadBalancer: { from: `${subnet}.100`, to: `${subnet}.119` },
    systems: usual,
    settings: { BIND_HOST: '192.168.1.2', ...backups },
    ...change,
  };
}

const site = (name: string, change: Partial<AnswersInput>, ...clusters: ClusterInput[]): Site => ({
  name,
  answers: { ...shared, cloudflare, ...change, clusters },
});
const oneNode = (name: string, systems: ClusterAnswers['systems']): ClusterInput => ({
  name,
  nodes: [{ name: `${name}-01`, address: '192.168.1.11' }],
  installDisk: '/dev/nvme0n1',
  network: { nodes: '192.168.1.0/24' },
  api: { name: 'k8s.home.example' },
  systems,
});

/** What the platform's applications need. */
const applications = {
  ALERT_PEOPLE_HOST: 'alerts.example.org',
  ALERT_HEARTBEAT_HOST: 'heartbeat.example.org',
  OBJECT_STORE_HOST: 's3.home.example',
  CNPG_BACKUP_BUCKET: 'postgres',
  HARBOR_BUCKET: 'harbor',
  GITLAB_BUCKET_PREFIX: 'gitlab',
  GITHUB_CONFIG_URL: 'https://github.com/home-example',
};

/** The matrix. Only what a system asks for is answered: an answer that nothing uses is refused. */
export const sites: Site[] = [
  site('one cluster', {}, cluster('home', 1)),
  site('BGP and no L2', {}, cluster('home', 1, bgpInsteadOfL2())),
  site('no private DNS', {}, cluster('home', 1, { systems: without('external-dns-rfc2136'), settings: backups })),
  site(
    'no object store',
    {},
    cluster('home', 1, { systems: without('volsync'), settings: { BIND_HOST: '192.168.1.2' } }),
  ),
  site('no Cloudflare', { cloudflare: undefined }, withoutCloudflare('certificate-issuer-rfc2136')),
  site(
    'own certificate authority',
    { cloudflare: undefined, email: undefined },
    withoutCloudflare('certificate-issuer-ca'),
  ),
  site(
    'HTTP-01',
    { cloudflare: undefined, privateDomain: undefined },
    cluster('home', 1, {
      cephDisks: undefined,
      systems: ['load-balancer', 'cilium-l2', 'certificate-issuer-http01', 'gateway-external-http01', 'openebs'],
      settings: { GATEWAY_EXTERNAL_NAMES: '["home.example", "www.home.example"]' },
    }),
  ),
  {
    name: 'nothing optional',
    answers: {
      git: shared.git,
      onePassword: shared.onePassword,
      remove: shared.remove,
      clusters: [oneNode('home', ['core'])],
    },
  },
  site(
    'one node with gateways',
    {},
    {
      ...oneNode('home', ['cilium-l2', 'certificate-issuer-cloudflare', 'gateway-external', 'cloudflared', 'openebs']),
      loadBalancer: { from: '192.168.1.100', to: '192.168.1.109' },
    },
  ),
  site(
    'three clusters in a mesh',
    {},
    ...['one', 'two', 'three'].map((name, at) =>
      cluster(name, at + 1, {
        systems: [...usual, 'cilium-clustermesh'],
        settings: { ...backups, BIND_HOST: '192.168.1.2' },
      }),
    ),
  ),
  site(
    'all of it',
    { settings: { ...bgp, ...backups, ...applications, BIND_HOST: '192.168.1.2' } },
    ...['one', 'two'].map((name, at) =>
      cluster(name, at + 1, {
        systems: {
          without: [
            ...['cilium-spire', 'certificate-issuer-ca', 'certificate-issuer-http01', 'certificate-issuer-rfc2136'],
            'gateway-external-http01',
            // One cluster stores what both send, and has the databases, the messages and what needs them next to it.
            ...(at === 0
              ? ['metrics-store-remote', 'postgres-remote', 'dragonfly-remote', 'schema-registry-remote']
              : [
                  ...['metrics-store', 'logs-store', 'traces-store', 'grafana'],
                  ...['alert-rules', 'alert-people', 'alert-heartbeat'],
                  ...['postgres', 'dragonfly', 'kafka', 'schema-registry', 'keycloak', 'harbor'],
                  ...['flux-alerts-dragonfly', 'flux-alerts-harbor', 'flux-alerts-kafka', 'image-automation'],
                ]),
          ],
        },
        settings: { CILIUM_BGP_LOCAL_ASN: String(64512 + at) },
      }),
    ),
  ),
];

function bgpInsteadOfL2(): Partial<ClusterInput> {
  return {
    systems: [...without('cilium-l2'), 'cilium-bgp'],
    // Outside the machines' subnet, where the router learns the way.
    loadBalancer: { from: '192.168.201.100', to: '192.168.201.119' },
    settings: { BIND_HOST: '192.168.1.2', ...backups, ...bgp, CILIUM_BGP_LOCAL_ASN: '64512' },
  };
}

function withoutCloudflare(issuer: string): ClusterInput {
  const rest = without('certificate-issuer-cloudflare', 'external-dns-cloudflare', 'cloudflared');
  return cluster('home', 1, { systems: [...rest, issuer] });
}
