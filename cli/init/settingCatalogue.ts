import type { SettingKey } from '../../cluster/settingTypes';
import { addressNumber, addressText, cidrRange, familyOf } from '../../net/addresses';
import type { Answers, ClusterAnswers } from './answers';
import type { Allocation } from './allocate';

/** What the value of a setting may depend on. */
export interface SettingContext {
  answers: Answers;
  cluster: ClusterAnswers;
  /** The systems that the cluster lists. */
  systems: readonly string[];
  /** The answered clusters that list a system. */
  listedBy: (system: string) => readonly ClusterAnswers[];
  allocation: Allocation;
  /** The newest version that a cluster of the repository has. */
  newest: (key: SettingKey) => string | undefined;
}

/** How a setting gets its value. */
export interface SettingEntry {
  /** Stands directly above the setting. */
  comment?: string;
  /** Names it, for questions and messages. */
  question: string;
  /** The answer that decides it, for messages: below the cluster, or with a leading slash of all clusters. */
  answer?: string;
  /** The value that the answers give; it replaces the one in the file. */
  answered?: (context: SettingContext) => string | undefined;
  /** Whether every cluster has it, because components/cluster-defaults reads it. */
  everywhere?: true;
  /** The system that needs it, if only core's manifests use it, with a default for clusters without the system. */
  system?: string;
  /** Whether core has a default for it, so that it is written wherever it is answered. */
  ifAnswered?: true;
  /** The value of a setting that is not in the file yet. */
  fallback?: (context: SettingContext) => string | undefined;
}

/** Settings that stand together, below a comment. */
export interface SettingGroup {
  comment?: string;
  settings: Partial<Record<SettingKey, SettingEntry>>;
}

const onlyIf = (condition: boolean): string => (condition ? 'true' : 'false');
const version = (key: SettingKey, what: string, renovate: string): SettingEntry => ({
  question: `the version of ${what}`,
  comment: ` renovate: ${renovate}`,
  fallback: ({ newest }) => newest(key),
});

/** The address of a pool at an index. */
function poolAddress({ cluster: { loadBalancer } }: SettingContext, index: bigint): string | undefined {
  const first = loadBalancer && addressNumber(loadBalancer.from);
  const family = loadBalancer && familyOf(loadBalancer.from);
  return first === undefined || family === undefined ? undefined : addressText(first + index, family);
}

/** The other clusters of the mesh, by the addresses of their API servers: they need no name server. */
function peersOf({ cluster, listedBy }: SettingContext): string {
  const peers = listedBy('cilium-clustermesh').flatMap(({ name, loadBalancer, settings }) => {
    const ip = settings?.CLUSTERMESH_IP ?? loadBalancer?.mesh ?? loadBalancer?.from;
    return name === cluster.name || ip === undefined ? [] : [{ name, ips: [ip], port: 2379 }];
  });
  return `[${peers.map((peer) => JSON.stringify(peer).replaceAll('":', '": ').replaceAll(',"', ', "')).join(', ')}]`;
}

/** Every setting in the order of a file, with the comments that explain it. */
export const settingCatalogue: readonly SettingGroup[] = [
  {
    comment: " Cluster identity. The ID is the cluster's number in the mesh and must be unique.",
    settings: {
      CLUSTER: {
        question: 'the name of the cluster',
        answer: 'name',
        everywhere: true,
        answered: ({ cluster }) => cluster.name,
      },
      CLUSTER_ID: { question: "the cluster's number", fallback: ({ allocation }) => String(allocation.id) },
    },
  },
  {
    comment:
      ' Networks. Native routing must cover the pods and services of all clusters, or they cannot reach each other.',
    settings: {
      NODE_CIDR: {
        question: 'the subnet of the machines',
        answer: 'network.nodes',
        answered: ({ cluster }) => cluster.network.nodes,
      },
      POD_CIDR: {
        question: 'the range of pods',
        answer: 'network.pods',
        answered: ({ cluster }) => cluster.network.pods,
        fallback: ({ allocation }) => allocation.pods,
      },
      SERVICE_CIDR: {
        question: 'the range of Services',
        answer: 'network.services',
        answered: ({ cluster }) => cluster.network.services,
        fallback: ({ allocation }) => allocation.services,
      },
      NATIVE_ROUTING_CIDR: {
        question: 'the range that is routed without masquerading',
        answer: 'network.nativeRouting',
        answered: ({ cluster, allocation }) => cluster.network.nativeRouting ?? allocation.nativeRouting,
      },
    },
  },
  {
    comment:
      ' The Kubernetes API: a DNS name for people, KubePrism on every node for Cilium, which must reach it before DNS works.',
    settings: {
      K8S_API_HOST: {
        question: 'the DNS name of the Kubernetes API',
        answer: 'api.name',
        answered: ({ cluster }) => cluster.api.name,
      },
      K8S_API_PORT: { question: 'the port of a load balancer that serves the Kubernetes API', ifAnswered: true },
      K8S_SERVICE_HOST: { question: 'the host at which Cilium finds the Kubernetes API', fallback: () => 'localhost' },
      K8S_SERVICE_PORT: { question: 'the port at which Cilium finds the Kubernetes API', fallback: () => '7445' },
    },
  },
  {
    comment:
      ' Versions that are upgraded one cluster at a time. `pulumi up` carries out those of Talos and Kubernetes, machine by\n machine: one minor version at a time (docs/upgrades.md).',
    settings: {
      TALOS_VERSION: version('TALOS_VERSION', 'Talos', 'datasource=github-releases depName=siderolabs/talos'),
      KUBERNETES_VERSION: version(
        'KUBERNETES_VERSION',
        'Kubernetes',
        'datasource=github-releases depName=kubernetes/kubernetes',
      ),
      CILIUM_VERSION: version('CILIUM_VERSION', 'Cilium', 'datasource=docker depName=quay.io/cilium/charts/cilium'),
      FLUX_VERSION: version(
        'FLUX_VERSION',
        'Flux',
        'datasource=github-releases depName=fluxcd/flux2 extractVersion=^v(?<version>.*)$',
      ),
      ROOK_VERSION: version('ROOK_VERSION', 'Rook', 'datasource=docker depName=ghcr.io/rook/rook-ceph'),
      ROOK_CEPH_IMAGE_TAG: version('ROOK_CEPH_IMAGE_TAG', 'Ceph', 'datasource=docker depName=quay.io/ceph/ceph'),
    },
  },
  {
    comment:
      " Load balancer addresses. Inside the nodes' own subnet, neighbours resolve them by ARP (system cilium-l2); BGP alone\n (system cilium-bgp) would only serve traffic that comes through the router.",
    settings: {
      CILIUM_LB_POOL_START: {
        question: 'the first address for load balancers',
        answer: 'loadBalancer.from',
        answered: ({ cluster }) => cluster.loadBalancer?.from,
      },
      CILIUM_LB_POOL_END: {
        question: 'the last address for load balancers',
        answer: 'loadBalancer.to',
        answered: ({ cluster }) => cluster.loadBalancer?.to,
      },
      CLUSTERMESH_IP: {
        system: 'cilium-clustermesh',
        question: "the address of the mesh's API server",
        answer: 'loadBalancer.mesh',
        answered: ({ cluster }) => cluster.loadBalancer?.mesh,
        fallback: (context) => poolAddress(context, 0n),
      },
      CILIUM_GATEWAY_LB_IP: {
        question: 'the address of the internal gateway',
        answer: 'loadBalancer.internal',
        answered: ({ cluster }) => cluster.loadBalancer?.internal,
        fallback: (context) => poolAddress(context, 1n),
      },
      CILIUM_GATEWAY_EXTERNAL_LB_IP: {
        question: 'the address of the external gateway',
        answer: 'loadBalancer.external',
        answered: ({ cluster }) => cluster.loadBalancer?.external,
        fallback: (context) => poolAddress(context, 2n),
      },
      GATEWAY_EXTERNAL_NAMES: { question: 'the list of names in the certificate of the external gateway, as JSON' },
      CILIUM_BGP_LOCAL_ASN: { question: "the cluster's AS number" },
      CILIUM_BGP_PEER_ASN: { question: "the router's AS number" },
      CILIUM_BGP_PEER_ADDRESS: {
        question: "the router's address for BGP",
        fallback: ({ cluster }) => cluster.network.gateway,
      },
    },
  },
  {
    comment: ' CoreDNS: an address in SERVICE_CIDR that is also configured in the kubelets.',
    settings: {
      COREDNS_CLUSTER_IP: {
        question: 'the address of CoreDNS',
        fallback: ({ cluster, allocation }) => {
          const [first = ''] = (cluster.network.services ?? allocation.services).split(',');
          const range = cidrRange(first.trim());
          return range && addressText(range.first + 10n, range.family);
        },
      },
      COREDNS_REPLICAS: {
        question: 'the number of CoreDNS pods',
        fallback: ({ cluster }) => (cluster.nodes.length === 1 ? '1' : '2'),
      },
    },
  },
  {
    comment: " Pods of Cilium's operator, each on a node of its own.",
    settings: {
      CILIUM_OPERATOR_REPLICAS: {
        question: "the number of pods of Cilium's operator",
        fallback: ({ cluster }) => (cluster.nodes.length === 1 ? '1' : '2'),
      },
    },
  },
  {
    comment:
      ' 1Password Connect, from which external-secrets and the program read secrets. ONEPASSWORD_CONNECT_TOKEN_SECRET is the\n Secret with the read-only token that the program seeds into namespace external-secrets.',
    settings: {
      EXTERNAL_SECRET_STORE: { question: 'the name of the secret store', fallback: () => 'onepassword' },
      ONEPASSWORD_CONNECT_HOST: {
        question: 'the URL of 1Password Connect',
        answer: '/onePassword.host',
        answered: ({ answers }) => answers.onePassword.host,
      },
      ONEPASSWORD_CONNECT_TOKEN_SECRET: {
        question: 'the name of the Secret with the token of 1Password Connect',
        fallback: () => 'onepassword-connect-token',
      },
      ONEPASSWORD_VAULT: {
        question: 'the 1Password vault',
        answer: '/onePassword.vault',
        answered: ({ answers }) => answers.onePassword.vault,
      },
    },
  },
  {
    comment:
      " Where OpenEBS stores local volumes on each node: the mount of the volume openebs in the stack's userVolumes, if it has one.",
    settings: {
      OPENEBS_BASEPATH: { question: 'the folder of local volumes', fallback: () => '/var/mnt/openebs' },
    },
  },
  {
    comment:
      ' ClusterMesh (system cilium-clustermesh) or mutual authentication with SPIRE (system cilium-spire). Peers are the other clusters.',
    settings: {
      CLUSTERMESH_ENABLED: {
        system: 'cilium-clustermesh',
        question: 'ClusterMesh, "true" or "false"',
        answered: ({ systems }) => onlyIf(systems.includes('cilium-clustermesh')),
      },
      CLUSTERMESH_PEERS: {
        system: 'cilium-clustermesh',
        question: 'the list of the other clusters as JSON',
        answered: peersOf,
      },
      CILIUM_SPIRE_ENABLED: {
        system: 'cilium-spire',
        question: 'mutual authentication, "true" or "false"',
        answered: ({ systems }) => onlyIf(systems.includes('cilium-spire')),
      },
    },
  },
  {
    comment: ' "true": policies only report. Use it to try out new policies, and never for long.',
    settings: {
      CILIUM_POLICY_AUDIT_MODE: { question: 'audit mode of policies', fallback: () => 'false' },
      HUBBLE_UI_ENABLED: { question: 'Hubble\'s user interface, "true" or "false"', fallback: () => 'false' },
    },
  },
  {
    comment: ' Domains: the public one, and the one of names inside.',
    settings: {
      SECRET_DOMAIN: {
        ifAnswered: true,
        question: 'the public domain',
        answer: '/domain',
        answered: ({ answers }) => answers.domain,
      },
      PRIVATE_DOMAIN: {
        ifAnswered: true,
        question: 'the domain of internal names',
        answer: '/privateDomain',
        answered: ({ answers }) => answers.privateDomain,
      },
      BIND_HOST: { question: 'the address of BIND, which serves the private domain' },
      BIND_TSIG_SECRET_PATH: {
        question: 'the 1Password item with the TSIG key',
        fallback: ({ cluster }) => `kubernetes/${cluster.name}/external-dns-rfc2136`,
      },
    },
  },
  {
    comment:
      " Certificates: Let's Encrypt's contact address, and the issuer for the gateways (letsencrypt-staging for testing).",
    settings: {
      ACME_EMAIL: {
        question: "Let's Encrypt's contact address",
        answer: '/email',
        answered: ({ answers }) => answers.email,
      },
      CERTIFICATE_ISSUER: {
        question: 'the issuer for the gateways',
        fallback: ({ systems }) => (systems.includes('certificate-issuer-ca') ? 'own-ca' : 'letsencrypt-production'),
      },
    },
  },
  {
    comment: ' What admission policies do with a violation: Audit or Deny.',
    settings: {
      ADMISSION_ACTION: { question: 'what admission policies do', fallback: () => 'Audit' },
    },
  },
  {
    comment:
      " Whether to require the publisher's signature on charts that are signed: cosign, or none. cosign needs access to\n Sigstore's servers, and the cosign binary where the program runs.",
    settings: {
      SOURCE_VERIFICATION: { question: 'the verification of charts', everywhere: true, fallback: () => 'none' },
    },
  },
  {
    comment:
      ' Ceph. The filter is a regular expression for disk names (nvme1n1). It must match neither the disk that Talos is\n installed on nor one of its volumes (installDisk and userVolumes of the stack); the program checks this.',
    settings: {
      ROOK_CEPH_MON_COUNT: {
        question: 'the number of Ceph monitors',
        fallback: ({ cluster }) => (cluster.nodes.length >= 3 ? '3' : '1'),
      },
      ROOK_CEPH_DEVICE_FILTER: {
        question: 'the disks that Ceph takes, as a regular expression for their names',
        answer: 'cephDisks',
        answered: ({ cluster }) => cluster.cephDisks,
      },
      ROOK_CEPH_OSD_DEVICE_CLASS: { question: 'the kind of disks that Ceph takes', fallback: () => 'ssd' },
    },
  },
  {
    comment: ' The default StorageClass: exactly one may be "true".',
    settings: {
      ROOK_CEPH_BLOCK_DEFAULT: { question: 'whether Ceph has the default StorageClass', fallback: () => 'true' },
      OPENEBS_LOCAL_DEFAULT: {
        question: 'whether OpenEBS has the default StorageClass',
        fallback: ({ systems }) => onlyIf(!systems.includes('rook-ceph')),
      },
    },
  },
  {
    comment: ' The StorageClass of what collects or stores metrics and logs.',
    settings: {
      BLOCK_SC: {
        question: 'the StorageClass of what collects or stores metrics and logs',
        fallback: ({ systems }) => (systems.includes('rook-ceph') ? 'rook-ceph-block' : 'openebs-local-nvme'),
      },
    },
  },
  {
    comment:
      ' Observability of all clusters is stored here: how long metrics are kept, on three volumes of which size, with every\n sample on two; the same for logs, on two volumes without copies, and for traces; and the addresses that are probed because\n people reach them, as JSON.',
    settings: {
      METRICS_RETENTION: { question: 'how long metrics are kept', fallback: () => '30d' },
      METRICS_STORAGE_SIZE: {
        question: 'the volume of each of the three pods that store metrics',
        fallback: () => '50Gi',
      },
      LOGS_RETENTION: { question: 'how long logs are kept', fallback: () => '30d' },
      LOGS_STORAGE_SIZE: { question: 'the volume of each of the two pods that store logs', fallback: () => '50Gi' },
      TRACES_RETENTION: { question: 'how long traces are kept', fallback: () => '7d' },
      TRACES_STORAGE_SIZE: { question: 'the volume of the pod that stores traces', fallback: () => '20Gi' },
      METRICS_PROBE_TARGETS: {
        question: 'the https:// addresses that people reach, as a JSON list',
        fallback: () => '[]',
      },
    },
  },
  {
    comment:
      ' Who gets alerts: the hosts of the two addresses in 1Password, for the heartbeat of the alerting and for people.',
    settings: {
      ALERT_HEARTBEAT_HOST: { question: 'the DNS name of the service that expects a heartbeat of the alerting' },
      ALERT_PEOPLE_HOST: { question: 'the DNS name of the webhook that gets alerts' },
    },
  },
  {
    comment:
      ' Kafka: the StorageClass of all its volumes, one on the disks of the nodes will do, as each message is on three brokers; and\n the volume of each broker.',
    settings: {
      KAFKA_STORAGE_CLASS: {
        question: "the StorageClass of Kafka's volumes",
        fallback: ({ systems }) => (systems.includes('openebs') ? 'openebs-local-nvme' : 'rook-ceph-block'),
      },
      KAFKA_STORAGE_SIZE: { question: 'the volume of each of the three brokers of Kafka', fallback: () => '50Gi' },
    },
  },
  {
    comment: ' The repository or organisation on GitHub whose jobs the runners take.',
    settings: {
      GITHUB_CONFIG_URL: { question: 'the repository or organisation on GitHub whose jobs the runners take' },
    },
  },
  {
    comment: ' Where VolSync stores backups: an object store outside the clusters.',
    settings: {
      VOLSYNC_S3_HOST: { system: 'volsync', question: 'the address of the object store for backups' },
      VOLSYNC_S3_PORT: { system: 'volsync', question: 'the port of the object store for backups' },
      VOLSYNC_S3_BUCKET: { system: 'volsync', question: 'the bucket for backups' },
    },
  },
  {
    comment:
      ' The object store outside the clusters for what applications and databases store there, by https with a certificate that\n systems trust.',
    settings: {
      OBJECT_STORE_HOST: { question: 'the DNS name of the object store of applications' },
      OBJECT_STORE_PORT: { question: 'the port of the object store of applications', fallback: () => '9000' },
    },
  },
  {
    comment:
      ' Postgres: the StorageClass and the size of the volumes of each instance, for data and for WAL, and the bucket for backups.',
    settings: {
      CNPG_STORAGE_CLASS: {
        question: 'the StorageClass of Postgres',
        fallback: () => 'openebs-local-nvme',
      },
      CNPG_DATA_SIZE: { question: 'the volume for data of each Postgres instance', fallback: () => '80Gi' },
      CNPG_WAL_SIZE: { question: 'the volume for WAL of each Postgres instance', fallback: () => '20Gi' },
      CNPG_BACKUP_BUCKET: { question: 'the bucket for backups of Postgres' },
    },
  },
  {
    comment: ' Dragonfly: the StorageClass and the size of the volume of each instance.',
    settings: {
      DRAGONFLY_STORAGE_CLASS: {
        question: 'the StorageClass of Dragonfly',
        fallback: () => 'openebs-local-nvme',
      },
      DRAGONFLY_DATA_SIZE: { question: 'the volume of each Dragonfly instance', fallback: () => '30Gi' },
    },
  },
  {
    comment: ' Harbor: the bucket for images.',
    settings: { HARBOR_BUCKET: { question: 'the bucket for the images of Harbor' } },
  },
  {
    comment:
      ' GitLab: what the names of its buckets begin with (-artifacts, -lfs, -uploads, -packages and so on follow), and the size of\n the volume for repositories.',
    settings: {
      GITLAB_BUCKET_PREFIX: { question: 'what the names of the buckets of GitLab begin with' },
      GITLAB_REPOSITORY_SIZE: { question: 'the volume for the repositories of GitLab', fallback: () => '100Gi' },
    },
  },
  {
    comment: ' The Git repository and branch that Flux follows.',
    settings: {
      GIT_URL: { question: 'the Git repository', answer: '/git.url', answered: ({ answers }) => answers.git.url },
      GIT_BRANCH: { question: 'the branch', answer: '/git.branch', answered: ({ answers }) => answers.git.branch },
    },
  },
  {
    comment:
      " What the API server puts in front of the groups and names of people's tokens. It takes tokens only with OIDC_ISSUER_URL\n (docs/people.md).",
    settings: {
      OIDC_GROUP_PREFIX: { question: "the prefix of people's groups", fallback: () => 'oidc:' },
      OIDC_ISSUER_URL: { ifAnswered: true, question: "the address of the identity provider's realm" },
    },
  },
  {
    comment:
      " Flux's controllers, as JSON; without the setting, the first four. System image-automation needs the last two.",
    settings: {
      FLUX_COMPONENTS: {
        system: 'image-automation',
        question: "the list of Flux's controllers as JSON",
        fallback: () =>
          '["source-controller", "kustomize-controller", "helm-controller", "notification-controller", "image-reflector-controller", "image-automation-controller"]',
      },
    },
  },
];

/** Every setting of the catalogue, in its order. */
export function catalogueEntries(): { key: SettingKey; entry: SettingEntry; group: SettingGroup }[] {
  return settingCatalogue.flatMap((group) =>
    Object.entries(group.settings).map(([key, entry]) => ({ key: key as SettingKey, entry, group })),
  );
}
