import { managedFields, writersOfOthers } from '../../cluster/onePasswordFields';
import { isIpAddress } from '../../net/addresses';
import type { Answers } from './answers';
import type { Plan, PlannedCluster } from './plan';

/** What people do after init, with the names of their clusters. */
export function nextSteps(plan: Pick<Plan, 'clusters'>, answers: Answers): string {
  return [
    'Next: `npm run docs`, commit and push, because Flux follows the branch. `pulumi login` once, to where the state lies; it is',
    'encrypted with a passphrase (PULUMI_CONFIG_PASSPHRASE) unless the stack names another secrets provider.',
    ...plan.clusters.map((cluster) => clusterSteps(cluster, answers)),
  ].join('\n');
}

function clusterSteps(cluster: PlannedCluster, answers: Answers): string {
  const { name } = cluster.answers;
  const secrets = ['connectToken', 'connectWriteToken', ...(cluster.needsCloudflare ? ['cloudflareApiToken'] : [])];
  const items = peoplesItems(cluster, answers);
  const steps = [
    ...dnsStep(cluster),
    [
      'Boot the machines into maintenance mode from the media that this prints:',
      `npm run schematic -- --stack ${name} --register`,
    ],
    ...(items.length === 0
      ? []
      : [[`Create in the 1Password vault ${cluster.settings.get('ONEPASSWORD_VAULT')}:`, ...items]]),
    [
      'Make the stack and set its secrets (docs/secrets.md says where they come from):',
      `pulumi stack init ${name}`,
      ...secrets.map((key) => `pulumi config set --secret ${key} --stack ${name}`),
    ],
    [
      'Check, and bring it up:',
      'npm run validate',
      `npm run preflight -- --stack ${name}`,
      `pulumi up --stack ${name}`,
    ],
  ];
  const lines = steps.flatMap(([title = '', ...rest], index) => [
    `  ${index + 1}. ${title}`,
    ...rest.map((line) => `       ${line}`),
  ]);
  return ['', `${name}:`, ...lines].join('\n');
}

/** Who must find the API, unless its name is an address. */
function dnsStep({ answers: { api, nodes }, settings }: PlannedCluster): string[][] {
  const host = settings.get('K8S_API_HOST') ?? api.name;
  if (isIpAddress(host)) return [];
  const controlPlanes = nodes.filter(({ role }) => role === 'controlplane').map(({ address }) => address);
  const addresses = api.virtualIp === undefined ? controlPlanes : [api.virtualIp];
  const records = addresses.map((address) => `${host} ${address.includes(':') ? 'AAAA' : 'A'} ${address}`);
  return [['Create the DNS records of the Kubernetes API:', ...records]];
}

/** Items and fields that manifests read and nothing but a person creates. */
function peoplesItems({ answers: { name }, listed, settings }: PlannedCluster, answers: Answers): string[] {
  const managed = [
    ...Object.values(managedFields({ name, tsigItem: settings.get('BIND_TSIG_SECRET_PATH') ?? '' })),
    ...writersOfOthers(name, listed),
  ];
  const isManaged = (title: string, field: string): boolean =>
    managed.some((one) => one.title === title && one.field === field);
  const { credentials } = answers.git;
  const wanted = [
    ...listed.vaultFields.filter(({ title, field }) => !isManaged(title, field)),
    ...(credentials === undefined
      ? []
      : gitFields[credentials.kind].map((field) => ({ title: credentials.item, field }))),
  ];
  const titles = [...new Set(wanted.map(({ title }) => title))].sort();
  return titles.map((title) => {
    const fields = wanted
      .filter((one) => one.title === title)
      .map(({ field }) => (field === '*' ? 'its fields' : field));
    return `${title}: ${[...new Set(fields)].sort().join(', ')}`;
  });
}

const gitFields = { ssh: ['identity', 'known_hosts'], token: ['password (or bearerToken)'] } as const;
