import type { ClusterDefinition } from '../../../cluster/definition';
import { controlPlanes } from '../../../cluster/definition';
import { failed, type Line, ok } from '../checkResult';
import type { DnsAnswer } from './dnsQuery';

/** An answer, or why there is none. */
export type Asked = DnsAnswer | { silent: string };

/** The addresses in an answer, sorted; aliases are followed by the name server. */
function addresses({ answers }: DnsAnswer): string[] {
  return answers.flatMap((answer) => (answer.type === 'A' || answer.type === 'AAAA' ? [answer.data] : [])).sort();
}

/** Whether a name server of the nodes knows the Kubernetes API by the control planes' addresses, and by no other. */
export function evaluateApiName(
  definition: Pick<ClusterDefinition, 'apiHost' | 'nodes'>,
  server: string,
  asked: Asked,
): Line {
  const { apiHost } = definition;
  const line = { id: `dns:${server}:${apiHost}`, what: `name ${apiHost} at ${server}` };
  const wanted = controlPlanes(definition).map(({ address }) => address);
  const records = `give ${apiHost} one A record for each of ${wanted.join(', ')}`;
  if ('silent' in asked) return failed(line, asked.silent, serverFix(server));
  const found = addresses(asked);
  if (found.length === 0) return failed(line, `has no address there (${asked.code})`, records);
  const missing = wanted.filter((address) => !found.includes(address));
  const foreign = found.filter((address) => !wanted.includes(address));
  const faults = [
    ...(missing.length > 0 ? [`lacks ${missing.join(', ')}`] : []),
    ...(foreign.length > 0 ? [`has ${foreign.join(', ')}, which is no control plane`] : []),
  ];
  return faults.length === 0 ? ok(line, found.join(', ')) : failed(line, faults.join(' and '), records);
}

/** Whether a name server of the nodes knows 1Password Connect. */
export function evaluateConnectName(host: string, server: string, asked: Asked): Line {
  const line = { id: `dns:${server}:${host}`, what: `name ${host} at ${server}` };
  if ('silent' in asked) return failed(line, asked.silent, serverFix(server));
  const found = addresses(asked);
  if (found.length > 0) return ok(line, found.join(', '));
  const fix = `give ${host} an address, or correct ONEPASSWORD_CONNECT_HOST`;
  return failed(line, `has no address there (${asked.code})`, fix);
}

/** Whether BIND answers by both transports, and for the private domain from its own knowledge. */
export function evaluateBind(domain: string, dialled: string, udp: Asked, tcp: Asked): Line {
  const line = { id: 'bind', what: `BIND for ${domain}` };
  const silent = [udp, tcp].flatMap((asked) => ('silent' in asked ? [asked.silent] : []));
  if (silent.length > 0 || 'silent' in udp) {
    return failed(line, silent.join(' and '), 'start BIND, open port 53 by UDP and TCP, or correct BIND_HOST');
  }
  const fix = `make it the primary server of the zone ${domain} (docs/bind.md), or correct BIND_HOST or PRIVATE_DOMAIN`;
  const soa = udp.answers.some(({ type, name }) => type === 'SOA' && sameName(name, domain));
  if (!soa) return failed(line, `${dialled} knows no zone ${domain} (${udp.code})`, fix);
  if (!udp.authoritative) return failed(line, `${dialled} has ${domain} from another server only`, fix);
  return ok(line, `authoritative at ${dialled}`);
}

function sameName(name: string, domain: string): boolean {
  return name.replace(/\.$/, '').toLowerCase() === domain.toLowerCase();
}

function serverFix(server: string): string {
  return `start the name server ${server}, or correct network.nameservers in the stack's configuration`;
}
