import type { ListedCluster } from './fleet';

/** Something that a cluster sends to the cluster that stores. */
interface Writer {
  /** The end of the user's name, and of the field with its password. */
  name: 'metrics-writer' | 'logs-writer' | 'alerts-writer' | 'traces-writer';
  /** Whoever lists this system sends, if the cluster that stores lists `store`. */
  system: string;
  store: string;
  /** Where vmauth sends the requests: a part of VMUser's `targetRefs`, with the paths that it lets through. */
  target: readonly string[];
}

/**
 * Every kind of writer. Each may use the paths that it needs and no others: with the credential of one cluster's Fluent Bit
 * nothing can be read, and no alert raised.
 */
const writers: readonly Writer[] = [
  {
    name: 'metrics-writer',
    system: 'metrics',
    store: 'metrics-store',
    target: [
      'crd:',
      '  kind: VMCluster/vminsert',
      '  name: global',
      '  namespace: observability',
      'paths:',
      '  - /insert/0/prometheus/api/v1/write',
    ],
  },
  {
    name: 'alerts-writer',
    system: 'flux-alerts',
    store: 'metrics-store',
    target: [
      'crd:',
      '  kind: VMAlertmanager',
      '  name: global',
      '  namespace: observability',
      'paths:',
      '  - /api/v2/alerts',
    ],
  },
  {
    name: 'logs-writer',
    system: 'logs',
    store: 'logs-store',
    target: [
      'static:',
      '  url: http://victoria-logs-vlinsert.observability.svc.cluster.local:9481',
      'paths:',
      '  - /insert/jsonline',
    ],
  },
  {
    name: 'traces-writer',
    system: 'traces',
    store: 'traces-store',
    target: [
      'static:',
      '  url: http://victoria-traces.observability.svc.cluster.local:10428',
      'paths:',
      '  - /insert/opentelemetry/v1/traces',
    ],
  },
];

const vmUserSchema =
  'https://raw.githubusercontent.com/datreeio/CRDs-catalog/main/operator.victoriametrics.com/vmuser_v1beta1.json';
const externalSecretSchema =
  'https://raw.githubusercontent.com/datreeio/CRDs-catalog/main/external-secrets.io/externalsecret_v1.json';

/**
 * The users of the front door: one for each cluster and each kind of thing that it sends, with the passwords of the vault.
 * @param storing the cluster that stores
 */
export function writersText(fleet: readonly ListedCluster[], storing: ListedCluster): string {
  const documents = [...fleet]
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((cluster) => {
      const sending = writers.filter(({ system, store }) => cluster.systems.has(system) && storing.systems.has(store));
      return sending.length === 0
        ? []
        : [externalSecret(cluster.name, sending), ...sending.map((writer) => vmUser(cluster.name, writer))];
    });
  return documents.join('');
}

const secretName = (cluster: string): string => `writers-${cluster}`;
const fieldOf = ({ name }: Writer): string => `${name}-password`;

/** Only this cluster reads items of others: whoever lets clients in must know their passwords. */
function externalSecret(cluster: string, sending: readonly Writer[]): string {
  return lines(
    '---',
    `# yaml-language-server: $schema=${externalSecretSchema}`,
    'apiVersion: external-secrets.io/v1',
    'kind: ExternalSecret',
    'metadata:',
    `  name: ${secretName(cluster)}`,
    'spec:',
    '  refreshInterval: 1h',
    '  secretStoreRef:',
    '    kind: ClusterSecretStore',
    '    name: ${EXTERNAL_SECRET_STORE}',
    '  target:',
    `    name: ${secretName(cluster)}`,
    '    creationPolicy: Owner',
    '    deletionPolicy: Retain',
    '  data:',
    ...sending.flatMap((writer) => [
      `    - secretKey: ${fieldOf(writer)}`,
      '      remoteRef:',
      `        key: kubernetes/${cluster}/observability`,
      `        property: ${fieldOf(writer)}`,
    ]),
  );
}

function vmUser(cluster: string, writer: Writer): string {
  return lines(
    '---',
    `# yaml-language-server: $schema=${vmUserSchema}`,
    'apiVersion: operator.victoriametrics.com/v1beta1',
    'kind: VMUser',
    'metadata:',
    `  name: ${cluster}-${writer.name}`,
    'spec:',
    `  username: ${cluster}-${writer.name}`,
    '  passwordRef:',
    `    name: ${secretName(cluster)}`,
    `    key: ${fieldOf(writer)}`,
    // The operator would make one more Secret with the password.
    '  disable_secret_creation: true',
    '  targetRefs:',
    ...writer.target.map((line, index) => `    ${index === 0 ? '-' : ' '} ${line}`),
  );
}

function lines(...all: string[]): string {
  return `${all.join('\n')}\n`;
}
