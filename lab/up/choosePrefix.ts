import { isListening, listListeners, reserve, type Listener } from '../ports';
import { toEndpoint } from './endpoint';

const talosPort = 50000;
const kubernetesPort = 6443;
const firstOctet = 25;
const lastOctet = 254;

/** How a prefix is checked; replaced in tests. */
export interface PrefixProbe {
  listeners: Listener[];
  reserve: (what: string) => boolean;
}

/**
 * The first prefix from 127.25 on that no other lab of this user has reserved and under which the fixed ports of all
 * nodes (Talos 50000, Kubernetes 6443) are free.
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
      'stop the processes that listen on all addresses (`ss -ltnp`)',
  );
}

/** The first node endpoint ("127.25.11.11:6443") under a prefix that is already in use. */
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
