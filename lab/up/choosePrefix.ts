import { isListening, listListeners, reserve, type Listener } from '../ports';
import { toEndpoint } from './endpoint';

const talosPort = 50000;
const kubernetesPort = 6443;
const firstOctet = 25;
const lastOctet = 254;

/** How a prefix is found free; given by tests. */
export interface PrefixProbe {
  listeners: Listener[];
  reserve: (what: string) => boolean;
}

/**
 * The first 127.<n> under which no node's fixed ports (Talos 50000, Kubernetes 6443) are taken, from 127.25 on, which
 * no other lab of this user holds.
 */
export function choosePrefix(
  addresses: readonly string[],
  labDir: string,
  probe: PrefixProbe = { listeners: listListeners(), reserve: (what) => reserve(what, labDir) },
): string {
  for (let octet = firstOctet; octet <= lastOctet; octet++) {
    const prefix = `127.${octet}`;
    if (takenEndpoint(addresses, prefix, probe.listeners) === undefined && probe.reserve(`prefix-${octet}`))
      return prefix;
  }
  throw new Error(
    `lab: ports ${talosPort} or ${kubernetesPort} are taken on every 127.${firstOctet}.* to 127.${lastOctet}.*; ` +
      'stop what listens on all addresses (`ss -ltnp`)',
  );
}

/** The first node endpoint ("127.25.11.11:6443") under a prefix that something listens on already. */
export function takenEndpoint(
  addresses: readonly string[],
  prefix: string,
  listeners: Listener[] = listListeners(),
): string | undefined {
  for (const address of addresses) {
    for (const port of [talosPort, kubernetesPort]) {
      const endpoint = toEndpoint(address, prefix);
      if (isListening(endpoint, port, listeners)) return `${endpoint}:${port}`;
    }
  }
  return undefined;
}
