import type { ClusterDefinition } from '../../../cluster/definition';
import { controlPlanes } from '../../../cluster/definition';
import { sharedVirtualIps } from '../../../cluster/apiEndpoint';
import { canonicalAddress } from '../../../net/addresses';
import { type CheckResult, failed, ok } from '../checkResult';
import type { DnsResponse } from './dnsQuery';

/** A response, or the reason why there is none. */
export type DnsResult = DnsResponse | { noResponse: string };

/** The addresses in a response, sorted; the name server follows aliases. */
function addresses({ answers }: DnsResponse): string[] {
  return answers
    .flatMap((answer) => (answer.type === 'A' || answer.type === 'AAAA' ? [canonicalAddress(answer.data) ?? ''] : []))
    .sort();
}

/** The answers to questions about one name together; the first one that got none fails all. */
export function combineAnswers(results: readonly DnsResult[]): DnsResult {
  const none = results.find((result) => 'noResponse' in result);
  const responses = results.flatMap((result) => ('noResponse' in result ? [] : [result]));
  const [first] = responses;
  if (none !== undefined || first === undefined) return none ?? { noResponse: 'there was no question' };
  return { ...first, answers: responses.flatMap(({ answers }) => answers) };
}

/**
 * Whether a name server of the nodes resolves the Kubernetes API to exactly the addresses of the control planes, or to nothing
 * but their virtual IPs. `result` has the answers of all families that these have.
 */
export function evaluateApiName(
  definition: Pick<ClusterDefinition, 'apiHost' | 'nodes'>,
  server: string,
  result: DnsResult,
): CheckResult {
  const { apiHost } = definition;
  const check = { id: `dns:${server}:${apiHost}`, what: `DNS name ${apiHost} on ${server}` };
  const virtualIps = sharedVirtualIps(definition.nodes);
  const expected = controlPlanes(definition).map(({ address }) => address);
  const orVirtual = virtualIps.length === 0 ? '' : `, or of ${virtualIps.join(', ')}, their virtual IP`;
  const fix = `create one address record of ${apiHost} for each of ${expected.join(', ')}${orVirtual}`;
  if ('noResponse' in result) return failed(check, result.noResponse, serverFix(server));
  const found = addresses(result);
  if (found.length === 0) return failed(check, `has no address (${result.code})`, fix);
  if (found.every((address) => virtualIps.includes(address))) return ok(check, `${found.join(', ')}, a virtual IP`);
  const missing = expected.filter((address) => !found.includes(address));
  const unexpected = found.filter((address) => !expected.includes(address));
  const reasons = [
    ...(missing.length > 0 ? [`lacks ${missing.join(', ')}`] : []),
    ...(unexpected.length > 0 ? [`has ${unexpected.join(', ')}, which is not a control plane`] : []),
  ];
  return reasons.length === 0 ? ok(check, found.join(', ')) : failed(check, reasons.join(' and '), fix);
}

/** Whether a name server of the nodes resolves 1Password Connect. */
export function evaluateConnectName(host: string, server: string, result: DnsResult): CheckResult {
  const check = { id: `dns:${server}:${host}`, what: `DNS name ${host} on ${server}` };
  if ('noResponse' in result) return failed(check, result.noResponse, serverFix(server));
  const found = addresses(result);
  if (found.length > 0) return ok(check, found.join(', '));
  const fix = `create an address record of ${host}, or correct ONEPASSWORD_CONNECT_HOST`;
  return failed(check, `has no address (${result.code})`, fix);
}

/** Whether BIND responds over both transports and is authoritative for the private domain. */
export function evaluateBind(domain: string, address: string, udp: DnsResult, tcp: DnsResult): CheckResult {
  const check = { id: 'bind', what: `BIND for ${domain}` };
  const noResponse = [udp, tcp].flatMap((result) => ('noResponse' in result ? [result.noResponse] : []));
  if (noResponse.length > 0 || 'noResponse' in udp) {
    const fix = 'start BIND, open port 53 for UDP and TCP, or correct BIND_HOST';
    return failed(check, noResponse.join(' and '), fix);
  }
  const fix = `make it the primary server of zone ${domain} (docs/bind.md), or correct BIND_HOST or PRIVATE_DOMAIN`;
  const soa = udp.answers.some(({ type, name }) => type === 'SOA' && sameName(name, domain));
  if (!soa) return failed(check, `${address} does not serve zone ${domain} (${udp.code})`, fix);
  if (!udp.authoritative) return failed(check, `${address} is not authoritative for ${domain}`, fix);
  return ok(check, `authoritative at ${address}`);
}

function sameName(name: string, domain: string): boolean {
  return name.replace(/\.$/, '').toLowerCase() === domain.toLowerCase();
}

function serverFix(server: string): string {
  return `start the name server ${server}, or correct network.nameservers in the stack configuration`;
}
