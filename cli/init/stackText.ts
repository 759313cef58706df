import { isMap, isScalar, isSeq, parseDocument, Scalar, type YAMLMap } from 'yaml';
import type { KeyPlace } from '../../cluster/keyPath';
import { stackFileName } from '../../cluster/names';
import { type Problem, show } from '../../cluster/problems';
import type { Answers, ClusterAnswers } from './answers';
import { nodeOf, setValue, textOf } from './yamlEdit';

/** What a stack file says, besides the answers of its cluster. */
export interface StackAnswers {
  answers: Answers;
  cluster: ClusterAnswers;
  /** Absent if no system of the cluster needs Cloudflare. */
  cloudflare?: { account: string; ownsZone: boolean };
}

const newFile = (cluster: string): string => `# yaml-language-server: $schema=docs/stack.schema.json
# Hardware of the cluster ${cluster} and what the handover needs. Values that manifests also use (CIDRs, versions, domains, the Git
# URL and branch) are in kubernetes/clusters/${cluster}/cluster-settings.yaml. \`npm run init\` writes it; what is changed or
# added by hand stays. docs/machines.md has all keys. Secrets are never here in plain text: pulumi config set --secret.
config: {}
`;

const comments: Readonly<Record<string, string>> = {
  machines: ' What every machine has. A role (controlPlane, worker) or a node may say it differently.',
  installDisk: ' Talos wipes it on first boot.',
  userVolumes:
    ' OpenEBS stores local volumes on it. Neither Ceph (ROOK_CEPH_DEVICE_FILTER) nor Talos may take the same disk.',
  cloudflare:
    ' The account of the zone SECRET_DOMAIN. One stack owns the zone settings and the hostname external.<domain>.',
};

/**
 * The text of a stack file with these answers; other keys, comments and the order stay.
 * @param before the file as it is; undefined for a new one
 * @param project the name of the Pulumi project, which stands before every key
 */
export function stackText(wanted: StackAnswers, before: string | undefined, project: string): string {
  const document = parseDocument(before ?? newFile(wanted.cluster.name));
  if (!isMap(document.get('config', true)) || before === undefined) {
    const config = document.createNode({}) as YAMLMap;
    config.flow = false;
    document.set('config', config);
  }
  const config = document.get('config', true) as YAMLMap;
  const keyOf = (key: string): string => (config.has(key) ? key : `${project}:${key}`);
  const { nodes, ...rest } = stackValues(wanted);
  // The program refuses a section that nothing needs.
  if (wanted.cloudflare === undefined) config.delete(keyOf('cloudflare'));
  // A default that someone has changed is theirs.
  if (!config.has(keyOf('applyMode'))) document.setIn(['config', keyOf('applyMode')], 'auto');
  setNodes();
  for (const [key, value] of Object.entries(rest)) {
    const isNew = !config.has(keyOf(key));
    if (isNew && isPlainObject(value)) document.setIn(['config', keyOf(key)], document.createNode({}));
    const map = document.getIn(['config', keyOf(key)], true);
    if (isNew && isMap(map)) map.flow = false;
    setValue(document, ['config', keyOf(key)], value);
    if (isNew) explain(config, keyOf(key), key);
    if (isNew && isMap(map)) for (const inner of ['installDisk', 'userVolumes']) explain(map, inner, inner);
  }
  return textOf(document, before);

  function setNodes(): void {
    const path = ['config', keyOf('nodes')];
    if (!isSeq(document.getIn(path))) document.setIn(path, document.createNode([]));
    const list = document.getIn(path, true);
    if (!isSeq(list)) return;
    list.flow = false;
    for (const node of nodes) {
      const index = list.items.findIndex((item) => isMap(item) && item.get('name') === node.name);
      if (index < 0) list.add(nodeOf(document, node));
      else setValue(document, [...path, index], node);
    }
  }
}

/** Machines of a stack file that the answers do not describe: a machine leaves a cluster in steps of its own. */
export function forgottenNodes(cluster: ClusterAnswers, before: string, project: string, at: KeyPlace): Problem[] {
  const config = (parseDocument(before).toJS() as { config?: Record<string, unknown> } | null)?.config ?? {};
  const nodes = config[`${project}:nodes`] ?? config['nodes'];
  const names = Array.isArray(nodes) ? nodes.map((node: { name?: unknown } | null) => node?.name) : [];
  return names.flatMap((name) => {
    if (cluster.nodes.some((node) => node.name === name)) return [];
    const expected = `the node ${String(name)} of ${stackFileName(cluster.name)} too, because init removes no machine`;
    const fix = 'add it; or mark it there with `leaving: true`, run `pulumi up`, and delete its entry by hand';
    return [{ where: at('nodes'), found: show(undefined), expected, fix }];
  });
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Writes the comment that explains a new key above it. */
function explain(map: YAMLMap, key: string, of: string): void {
  const pair = map.items.find((item) => textOfKey(item.key) === key);
  const comment = comments[of];
  if (pair === undefined || comment === undefined) return;
  const name = new Scalar(key);
  name.commentBefore = comment;
  pair.key = name;
}

function textOfKey(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

/** What the answers say about the stack, below `config`. */
function stackValues({ answers, cluster, cloudflare }: StackAnswers) {
  const links = cluster.nodes.map((node) => linkOf(cluster, node));
  const [common] = links;
  const isCommon = links.every((one) => JSON.stringify(one) === JSON.stringify(common));
  const { network } = cluster;
  const vip = cluster.api.virtualIp === undefined ? undefined : { vip: { ip: cluster.api.virtualIp } };
  const settings = linkSettings(cluster);
  const interfaces =
    isCommon && common !== undefined ? { [common.name]: { ...common.selector, ...settings } } : undefined;
  const controlPlaneLink = isCommon && common !== undefined && vip !== undefined ? { [common.name]: vip } : undefined;
  const machines = defined({
    installDisk: cluster.installDisk,
    userVolumes: cluster.openebsVolume && {
      openebs: {
        provisioning: {
          diskSelector: { match: cluster.openebsVolume.match },
          minSize: cluster.openebsVolume.minSize,
          grow: true,
        },
      },
    },
    network: defined({ nameservers: network.nameservers, timeservers: network.timeservers, interfaces }),
  });
  return {
    nodes: cluster.nodes.map((node, index) => {
      const own = isCommon ? undefined : links[index];
      const held = node.role === 'controlplane' ? vip : undefined;
      const ownLinks = own && { [own.name]: { ...own.selector, ...settings, ...held } };
      return {
        name: node.name,
        role: node.role,
        address: node.address,
        ...defined({ installDisk: node.installDisk, network: ownLinks && { interfaces: ownLinks } }),
      };
    }),
    ...defined({
      machines: Object.keys(machines ?? {}).length === 0 ? undefined : machines,
      controlPlane: controlPlaneLink && { network: { interfaces: controlPlaneLink } },
      schematics: cluster.extensions && { default: { extensions: cluster.extensions } },
      allowSchedulingOnControlPlanes: cluster.workloadsOnControlPlanes,
      gitCredentials: answers.git.credentials,
      cloudflare,
    }),
  };
}

/** The link of a machine that gets its address, if the answers say so. */
function linkOf(cluster: ClusterAnswers, node: ClusterAnswers['nodes'][number]) {
  const isNamed = node.link !== undefined || node.mac !== undefined;
  const { link, mac } = isNamed ? node : cluster;
  if (mac !== undefined) return { name: 'lan', selector: { deviceSelector: { hardwareAddr: mac } } };
  return link === undefined ? undefined : { name: link, selector: {} };
}

/** What every link that gets an address has. */
function linkSettings({ network: { addressing, gateway } }: ClusterAnswers): Record<string, unknown> {
  return addressing === 'dhcp'
    ? { dhcp: true }
    : { routes: [{ network: gateway?.includes(':') ? '::/0' : '0.0.0.0/0', gateway }] };
}

/** An object without keys whose value is undefined; undefined if none is left. */
function defined<T extends Record<string, unknown>>(values: T): Partial<T> | undefined {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as Partial<T>);
}
