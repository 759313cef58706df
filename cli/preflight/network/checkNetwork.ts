import { isIP } from 'node:net';
import { Agent, fetch } from 'undici';
import type { ClusterDefinition } from '../../../cluster/definition';
import { causeOf } from '../causeOf';
import { describeDial, dialled, hostPort } from '../dialOverride';
import { failed, type Line, ok, skipped } from '../checkResult';
import { askDns, type DnsQuestion } from './dnsQuery';
import { type Asked, evaluateApiName, evaluateBind, evaluateConnectName } from './evaluateDns';

type Settings = Readonly<Record<string, string>>;

const dnsPort = 53;
const httpMilliseconds = 10_000;

/** The nodes' name servers: each is asked for the Kubernetes API and for 1Password Connect. */
export async function checkNames(definition: ClusterDefinition, signal: AbortSignal): Promise<Line[]> {
  const { network, apiHost, connect, detours } = definition;
  const connectName = new URL(connect.host).hostname;
  const lines = network.nameservers.flatMap((server) => {
    const ask = (name: string): Promise<Asked> => askOrWhy(server, { name, type: 'A' }, detours, signal);
    const api = ask(apiHost).then((asked) => evaluateApiName(definition, server, asked));
    if (isIP(connectName)) return [api];
    return [api, ask(connectName).then((asked) => evaluateConnectName(connectName, server, asked))];
  });
  return Promise.all(lines);
}

/** The name server of the private domain, by both transports: ExternalDNS reads the zone by TCP. */
export async function checkBind(
  { detours }: Pick<ClusterDefinition, 'detours'>,
  { BIND_HOST: host, PRIVATE_DOMAIN: domain }: Settings,
  signal: AbortSignal,
): Promise<Line> {
  if (!host || !domain) {
    return skipped({ id: 'bind', what: 'BIND' }, 'the cluster settings have no BIND_HOST or no PRIVATE_DOMAIN');
  }
  const question: DnsQuestion = { name: domain, type: 'SOA' };
  const [udp, tcp] = await Promise.all([
    askOrWhy(host, question, detours, signal, 'udp'),
    askOrWhy(host, question, detours, signal, 'tcp'),
  ]);
  return evaluateBind(domain, describeDial(host, dnsPort, detours), udp, tcp);
}

async function askOrWhy(
  server: string,
  question: DnsQuestion,
  detours: ClusterDefinition['detours'],
  signal: AbortSignal,
  transport: 'udp' | 'tcp' = 'udp',
): Promise<Asked> {
  try {
    return await askDns(dialled(server, dnsPort, detours), question, signal, transport);
  } catch (error) {
    signal.throwIfAborted();
    return { silent: (error as Error).message };
  }
}

/** The object store that backups go to: whether it says that it lives. Never through a proxy, like VolSync. */
export async function checkObjectStore(
  { detours }: Pick<ClusterDefinition, 'detours'>,
  { VOLSYNC_S3_HOST: host, VOLSYNC_S3_PORT: port }: Settings,
  signal: AbortSignal,
): Promise<Line> {
  if (!host || !port) {
    const why = 'the cluster settings have no VOLSYNC_S3_HOST or no VOLSYNC_S3_PORT';
    return skipped({ id: 'object-store', what: 'MinIO' }, why);
  }
  const line = { id: 'object-store', what: `MinIO at ${host}:${port}` };
  const fix = 'start MinIO, or correct VOLSYNC_S3_HOST and VOLSYNC_S3_PORT';
  const place = describeDial(host, Number(port), detours);
  const dispatcher = new Agent();
  try {
    const { status } = await fetch(`http://${hostPort(dialled(host, Number(port), detours))}/minio/health/live`, {
      dispatcher,
      signal: AbortSignal.any([signal, AbortSignal.timeout(httpMilliseconds)]),
    });
    return status === 200 ? ok(line, 'lives') : failed(line, `${place} answers ${status} where MinIO says 200`, fix);
  } catch (error) {
    signal.throwIfAborted();
    return failed(line, `${place} does not answer: ${causeOf(error)}`, fix);
  } finally {
    await dispatcher.destroy();
  }
}
