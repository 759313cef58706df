import type { TalosClientConfiguration } from '../../clients/talos/identity';

/** A resource in a state. */
export interface StateResource {
  urn?: string;
  type: string;
  id?: string;
  /** Secrets are objects of the engine: read them with {@link decrypted}. */
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** The used part of the output of `pulumi stack export --show-secrets`. */
export interface ExportedState {
  deployment?: {
    resources?: StateResource[] | null;
    /** When the state was last written. */
    manifest?: { time?: string } | null;
    /** What an update was doing when it wrote the state. */
    pending_operations?: { type?: string; resource?: { urn?: string } }[] | null;
  } | null;
}

/** The name of a resource in the program: the last part of its URN. */
export function resourceName({ urn = '' }: Pick<StateResource, 'urn'>): string {
  return urn.split('::').at(-1) ?? '';
}

/** How findings name a resource of the state, such as `resource cloudflare:index/dnsRecord:DnsRecord home-hostname`. */
export function resourceObject(resource: Pick<StateResource, 'urn' | 'type'>): string {
  return `resource ${resource.type} ${resourceName(resource)}`;
}

/** The resources of a state of that type. */
export function resourcesOf(state: ExportedState, type: string): StateResource[] {
  return state.deployment?.resources?.filter((resource) => resource.type === type) ?? [];
}

/** The types of resources that have it, the current one first: in the state of an older program it is the other. */
const identityTypes = ['platform:index:TalosIdentity', 'talos:machine/secrets:Secrets'];

/**
 * The Talos client configuration of the stack; undefined until it has generated one. Read from the state, because stack
 * outputs (talosconfig) exist only after a successful `up`.
 */
export function identityInState(state: ExportedState): TalosClientConfiguration | undefined {
  const [resource] = identityTypes.flatMap((type) => resourcesOf(state, type));
  const found = decrypted(resource?.outputs?.clientConfiguration) as Partial<TalosClientConfiguration> | undefined;
  const [caCertificate, clientCertificate, clientKey] = [
    decrypted(found?.caCertificate),
    decrypted(found?.clientCertificate),
    decrypted(found?.clientKey),
  ];
  const texts = [caCertificate, clientCertificate, clientKey];
  if (!texts.every((text) => typeof text === 'string' && text !== '')) return undefined;
  return { caCertificate, clientCertificate, clientKey } as TalosClientConfiguration;
}

/** The admin kubeconfig that Talos gave the stack; undefined until it has one. Secret. */
export function kubeconfigInState(state: ExportedState): string | undefined {
  const [resource] = resourcesOf(state, 'talos:cluster/kubeconfig:Kubeconfig');
  const kubeconfig = decrypted(resource?.outputs?.kubeconfigRaw);
  return typeof kubeconfig === 'string' && kubeconfig !== '' ? kubeconfig : undefined;
}

/** The value of a secret, which the export prints as JSON inside the engine's secret object; other values as they are. */
export function decrypted(value: unknown): unknown {
  const { plaintext } = (value ?? {}) as { plaintext?: unknown };
  return typeof plaintext === 'string' ? (JSON.parse(plaintext) as unknown) : value;
}

/** A value with every secret in it as it is, at any depth. */
export function decryptedDeep(value: unknown): unknown {
  const plain = decrypted(value);
  if (Array.isArray(plain)) return plain.map(decryptedDeep);
  if (typeof plain !== 'object' || plain === null) return plain;
  return Object.fromEntries(Object.entries(plain).map(([key, inner]) => [key, decryptedDeep(inner)]));
}
