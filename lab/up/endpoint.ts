/** The loopback address of a node in the lab: 10.25.11.11 is 127.25.11.11 under the prefix "127.25". */
export function toEndpoint(address: string, prefix: string): string {
  return [prefix, ...address.split('.').slice(2)].join('.');
}
