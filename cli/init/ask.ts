import { isDnsLabel, isDnsName } from '../../cluster/names';
import { type SettingKey, type SettingType, settingTypes } from '../../cluster/settingTypes';
import { isIpAddress } from '../../net/addresses';
import { type AnswersInput, diskPath, linkName } from './answers';
import { diskChoices, type Inspect, linkChoices } from './inspect';
import type { PlanResult } from './plan';
import type { Choice, Prompter } from './prompter';
import { alternativesOf, coreSystem, type System } from './systems';

type ClusterInput = AnswersInput['clusters'][number];
type NodeInput = ClusterInput['nodes'][number];

/** What the questions depend on. */
export interface AskContext {
  prompter: Prompter;
  inspect: Inspect;
  systems: readonly System[];
  /** The clusters of the repository. */
  existing: readonly string[];
}

const setting =
  (key: SettingKey) =>
  (value: string): string | undefined => {
    const type = settingTypes[key] as SettingType<unknown>;
    return type.read(value) === undefined ? `expected ${type.expected}` : undefined;
  };
const expect =
  (expected: string, test: (value: string) => boolean) =>
  (value: string): string | undefined =>
    test(value) ? undefined : `expected ${expected}`;
const optional =
  (check: (value: string) => string | undefined) =>
  (value: string): string | undefined =>
    value === '' ? undefined : check(value);
const isAddress = expect('an IP address', isIpAddress);
const isDomain = expect('a DNS name', isDnsName);
const isList = (check: (value: string) => string | undefined) => (value: string) =>
  listOf(value).map(check).find(Boolean);
const listOf = (text: string): string[] => text.split(/[\s,]+/).filter((part) => part !== '');

/** Asks everything that does not depend on the plan. Never for a secret. */
export async function askSite(context: AskContext): Promise<AnswersInput> {
  const { prompter, existing } = context;
  const url = await prompter.text('Git repository that Flux follows', { check: setting('GIT_URL') });
  const branch = await prompter.text('Branch', { initial: 'main', check: setting('GIT_BRANCH') });
  const domain = await prompter.text('Public domain (may be empty)', { check: optional(isDomain) });
  const privateDomain = await prompter.text('Domain of internal names (may be empty)', { check: optional(isDomain) });
  const host = await prompter.text('URL of 1Password Connect', { check: setting('ONEPASSWORD_CONNECT_HOST') });
  const vault = await prompter.text('1Password vault', { check: setting('ONEPASSWORD_VAULT') });
  const clusters: ClusterInput[] = [];
  do clusters.push(await askCluster(context, domain, clusters));
  while (await prompter.confirm('Another cluster?', false));
  const others = existing.filter((name) => !clusters.some((cluster) => cluster.name === name));
  const remove: string[] = [];
  for (const name of others) {
    const question = `Delete cluster ${name} of this repository: its stack file and its folder?`;
    if (await prompter.confirm(question, false)) remove.push(name);
  }
  return {
    git: { url, branch },
    ...(domain !== '' && { domain }),
    ...(privateDomain !== '' && { privateDomain }),
    onePassword: { host, vault },
    clusters,
    ...(remove.length > 0 && { remove }),
  };
}

async function askCluster(context: AskContext, domain: string, others: readonly ClusterInput[]): Promise<ClusterInput> {
  const { prompter } = context;
  const isFree = (name: string): boolean => isDnsLabel(name) && !others.some((other) => other.name === name);
  const name = await prompter.text('Name of the cluster', { check: expect('a DNS label that no other has', isFree) });
  const nodeCidr = await prompter.text('Subnet of the machines', { check: setting('NODE_CIDR') });
  const addressing = await prompter.select('How do the machines get their addresses?', [
    { value: 'dhcp' as const, label: 'DHCP, reserved in the router' },
    { value: 'static' as const, label: 'Talos writes them' },
  ]);
  const gateway =
    addressing === 'static' ? await prompter.text('Address of the router', { check: isAddress }) : undefined;
  const servers = await prompter.text('Name servers (may be empty)', { check: isList(isAddress) });
  const time = await prompter.text('Time servers (may be empty)', {
    check: isList(expect('a host', (value) => isIpAddress(value) || isDnsName(value))),
  });
  const apiName = await prompter.text('DNS name of the Kubernetes API', {
    ...(domain !== '' && { initial: `${name}-k8s.${domain}` }),
    check: setting('K8S_API_HOST'),
  });
  const virtualIp = await prompter.text('Virtual IP for it (may be empty)', { check: optional(isAddress) });
  const nodes = await askNodes(context, addressing === 'static', virtualIp !== '');
  const isWorker = nodes.some(({ role }) => role === 'worker');
  const systems = await askSystems(context);
  const from = systems.includes('load-balancer')
    ? await prompter.text('First address for load balancers', { check: isAddress })
    : undefined;
  const to =
    from === undefined ? undefined : await prompter.text('Last address for load balancers', { check: isAddress });
  const openebsVolume = systems.includes('openebs') ? await askVolume(prompter) : undefined;
  return {
    name,
    nodes,
    network: {
      nodes: nodeCidr,
      addressing,
      ...(gateway !== undefined && { gateway }),
      ...(servers !== '' && { nameservers: listOf(servers) }),
      ...(time !== '' && { timeservers: listOf(time) }),
    },
    api: { name: apiName, ...(virtualIp !== '' && { virtualIp }) },
    ...(isWorker && {
      workloadsOnControlPlanes: await prompter.confirm('Do control planes take workloads too?', false),
    }),
    ...(openebsVolume !== undefined && { openebsVolume }),
    ...(from !== undefined && to !== undefined && { loadBalancer: { from, to } }),
    systems,
  };
}

async function askNodes(
  { prompter, inspect }: AskContext,
  isStatic: boolean,
  hasVirtualIp: boolean,
): Promise<NodeInput[]> {
  const nodes: NodeInput[] = [];
  do {
    const isFree = (value: string): boolean => isDnsLabel(value) && !nodes.some((node) => node.name === value);
    const name = await prompter.text('Name of the machine', { check: expect('a DNS label that no other has', isFree) });
    const role = await prompter.select(`Role of ${name}`, [
      { value: 'controlplane' as const, label: 'control plane' },
      { value: 'worker' as const, label: 'worker' },
    ]);
    const address = await prompter.text(`Address of ${name}`, { check: isAddress });
    const look = await prompter.confirm(`Look at ${name} now? It must be in maintenance mode.`, false);
    const facts = look ? await inspect(address) : undefined;
    if (facts?.state === 'unreachable') prompter.note(`Talos does not respond at ${address}: ${facts.why}`);
    if (facts?.state === 'foreign')
      prompter.note(`The machine at ${address} is configured already, so it tells nothing.`);
    const found = facts?.state === 'maintenance' ? facts : {};
    const installDisk = await pick(prompter, `Disk to install Talos on (it is wiped)`, diskChoices(found), isDisk);
    const needsLink = isStatic || (hasVirtualIp && role === 'controlplane');
    const link = needsLink ? await pick(prompter, `Link with the address`, linkChoices(found), isLink) : undefined;
    nodes.push({ name, role, address, installDisk, ...(link !== undefined && { link }) });
  } while (await prompter.confirm('Another machine?', false));
  return nodes;
}

const isDisk = expect(...diskPath);
const isLink = expect(...linkName);

/** One of the choices, or text if there are none. */
async function pick(
  prompter: Prompter,
  message: string,
  choices: readonly Choice<string>[],
  check: (value: string) => string | undefined,
): Promise<string> {
  return choices.length === 0 ? prompter.text(message, { check }) : prompter.select(message, choices);
}

async function askVolume(prompter: Prompter): Promise<ClusterInput['openebsVolume']> {
  const path = await prompter.text('Disk of its own for local volumes of OpenEBS (may be empty)', {
    check: optional(isDisk),
  });
  if (path === '') return undefined;
  const minSize = await prompter.text('Its least size', {
    initial: '100GB',
    check: expect('a size such as 100GB', (value) => /^\d+(\.\d+)?[kKMGT]i?B$/.test(value)),
  });
  return { match: `disk.dev_path == '${path}' && !system_disk`, minSize };
}

/** Which systems; of alternatives at most one, by a question of its own. */
async function askSystems({ prompter, systems }: AskContext): Promise<string[]> {
  const optionalSystems = systems.filter(({ name }) => name !== coreSystem);
  const groups = new Map<string, string[]>();
  for (const { name } of optionalSystems) {
    const alternatives = alternativesOf(systems, name);
    if (alternatives.length > 1) groups.set(alternatives.join(), alternatives);
  }
  const inGroups = [...groups.values()].flat();
  const single = optionalSystems.filter(({ name }) => !inGroups.includes(name));
  const choices = single.map(({ name, dependsOn }) => hinted(name, dependsOn));
  const chosen = await prompter.multiselect('Which systems, besides the core?', choices, []);
  for (const alternatives of groups.values()) {
    const brought = systems.filter(({ name }) => alternatives.includes(name)).map(({ provides }) => provides);
    const common = brought[0]?.filter((name) => brought.every((provides) => provides.includes(name))) ?? [];
    const one = await prompter.select(`Which one for ${common.join(', ')}?`, [
      { value: '', label: 'none' },
      ...alternatives.map((name) => ({ value: name, label: name })),
    ]);
    if (one !== '') chosen.push(one);
  }
  return [coreSystem, ...chosen.sort()];
}

function hinted(name: string, dependsOn: readonly string[]): Choice<string> {
  return { value: name, label: name, ...(dependsOn.length > 0 && { hint: `needs ${dependsOn.join(', ')}` }) };
}

/**
 * Asks for what a plan lacks, and returns the answers with it.
 * @returns undefined if nothing that it lacks can be asked for
 */
export async function askMissing(
  answers: AnswersInput,
  { missing, needsCloudflare }: PlanResult,
  prompter: Prompter,
): Promise<AnswersInput | undefined> {
  if (missing.length === 0 && !needsCloudflare) return undefined;
  let next = answers;
  const asked = new Map<SettingKey, string>();
  for (const { cluster, setting: one } of missing) {
    const shared = asked.get(one.key);
    const who = one.use === undefined ? '' : ` (${one.use.kustomization} uses it)`;
    const message = `${cluster}: ${one.entry.question}${who}`;
    const options = { check: setting(one.key), ...(shared !== undefined && { initial: shared }) };
    const value = await prompter.text(message, options);
    asked.set(one.key, value);
    const clusters = next.clusters.map((other) =>
      other.name === cluster ? { ...other, settings: { ...other.settings, [one.key]: value } } : other,
    );
    next = { ...next, clusters };
  }
  if (needsCloudflare) {
    const check = expect('the name of the account', (value) => value !== '');
    next = { ...next, cloudflare: { account: await prompter.text('Cloudflare account of the domain', { check }) } };
  }
  return next;
}
