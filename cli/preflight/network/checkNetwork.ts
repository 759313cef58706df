import { isIP, isIPv6 } from 'node:net';
import { Agent, fetch } from 'undici';
import { apiEndpointOf, sharedVirtualIps } from '../../../cluster/apiEndpoint';
import { type ClusterDefinition, controlPlanes } from '../../../cluster/definition';
import { describeDialTarget, dialTarget, formatHostPort } from '../../../cluster/dialOverrides';
import { failureReason } from '../../../clients/http/failureReason';
import { type CheckResult, failed, ok, skipped } from '../checkResult';
import { type DnsQuestion, queryDns } from './dnsQuery';
import { type DnsResult, combineAnswers, evaluateApiName, evaluateBind, evaluateConnectName } from './evaluateDns';

type Settings = Readonly<Record<string, string>>;

const dnsPort = 53;
const httpMilliseconds = 10_000;

/**
 * Checks that each name server of the nodes resolves 1Password Connect and, if the API has a name that we are responsible for,
 * the Kubernetes API.
 */
export async function checkNames(definition: ClusterDefinition, signal: AbortSignal): Promise<CheckResult[]> {
  const { nodes, apiHost, connect, dialOverrides } = definition;
  const connectName = new URL(connect.host).hostname;
  const servers = [...new Set(nodes.flatMap(({ network }) => network.nameservers ?? []))];
  const hasApiName = apiEndpointOf(definition)?.kind === 'name';
  const apiAddresses = [...controlPlanes(definition).map(({ address }) => address), ...sharedVirtualIps(nodes)];
  const results = servers.flatMap((server) => {
    const resolve = async (name: string, types: readonly ('A' | 'AAAA')[]): Promise<DnsResult> =>
      combineAnswers(await Promise.all(types.map((type) => query(server, { name, type }, dialOverrides, signal))));
    const api = async () => evaluateApiName(definition, server, await resolve(apiHost, typesOf(apiAddresses)));
    const ofConnect = async () =>
      evaluateConnectName(
        connectName,
        server,
        await resolve(connectName, typesOf(nodes.map(({ address }) => address))),
      );
    return [...(hasApiName ? [api()] : []), ...(isIP(connectName) ? [] : [ofConnect()])];
  });
  return Promise.all(results);
}

/** The types of the records of these addresses. */
function typesOf(addresses: readonly string[]): ('A' | 'AAAA')[] {
  return [...new Set(addresses.map((address) => (isIPv6(address) ? 'AAAA' : 'A')))];
}

/** Checks BIND, which serves the private domain, over UDP and TCP: ExternalDNS reads the zone over TCP. */
export async function checkBind(
  { dialOverrides }: Pick<ClusterDefinition, 'dialOverrides'>,
  { BIND_HOST: host, PRIVATE_DOMAIN: domain }: Settings,
  signal: AbortSignal,
): Promise<CheckResult> {
  if (!host || !domain) {
    return skipped({ id: 'bind', what: 'BIND' }, 'BIND_HOST or PRIVATE_DOMAIN is not set in the cluster settings');
  }
  const question: DnsQuestion = { name: domain, type: 'SOA' };
  const [udp, tcp] = await Promise.all([
    query(host, question, dialOverrides, signal, 'udp'),
    query(host, question, dialOverrides, signal, 'tcp'),
  ]);
  return evaluateBind(domain, describeDialTarget(host, dnsPort, dialOverrides), udp, tcp);
}

async function query(
  server: string,
  question: DnsQuestion,
  dialOverrides: ClusterDefinition['dialOverrides'],
  signal: AbortSignal,
  transport: 'udp' | 'tcp' = 'udp',
): Promise<DnsResult> {
  try {
    return await queryDns(dialTarget(server, dnsPort, dialOverrides), question, signal, transport);
  } catch (error) {
    signal.throwIfAborted();
    return { noResponse: (error as Error).message };
  }
}

/** Checks the health endpoint of the object store for backups. Ignores proxies, as VolSync does. */
export async function checkObjectStore(
  { dialOverrides }: Pick<ClusterDefinition, 'dialOverrides'>,
  { VOLSYNC_S3_HOST: host, VOLSYNC_S3_PORT: port }: Settings,
  signal: AbortSignal,
): Promise<CheckResult> {
  if (!host || !port) {
    const why = 'VOLSYNC_S3_HOST or VOLSYNC_S3_PORT is not set in the cluster settings';
    return skipped({ id: 'object-store', what: 'MinIO' }, why);
  }
  const check = { id: 'object-store', what: `MinIO at ${host}:${port}` };
  const fix = 'start MinIO, or correct VOLSYNC_S3_HOST and VOLSYNC_S3_PORT';
  const address = describeDialTarget(host, Number(port), dialOverrides);
  const dispatcher = new Agent();
  try {
    const { status } = await fetch(
      `http://${formatHostPort(dialTarget(host, Number(port), dialOverrides))}/minio/health/live`,
      {
        dispatcher,
        signal: AbortSignal.any([signal, AbortSignal.timeout(httpMilliseconds)]),
      },
    );
    return status === 200 ? ok(check, 'healthy') : failed(check, `${address} returned ${status}, expected 200`, fix);
  } catch (error) {
    signal.throwIfAborted();
    return failed(check, `${address} does not respond: ${failureReason(error)}`, fix);
  } finally {
    await dispatcher.destroy();
  }
}
