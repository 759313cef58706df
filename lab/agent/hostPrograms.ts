import type { AgentConfig } from './config';

/** A real controller that runs on the host in place of its Deployment's pods. */
export interface HostProgram {
  /** Name on the status page and of its log. */
  name: string;
  /** Tool that provides the binary. */
  tool: string;
  namespace: string;
  deployment: string;
  container?: string;
  /** Replaces the image's entry point if one binary serves several images. */
  subcommand?: string[];
  /** Addresses and other flags that must differ between a pod and the host. */
  flags: (config: AgentConfig) => Record<string, string | null>;
  env?: (config: AgentConfig) => Record<string, string | null>;
  /** Loopback port (a key of `config.ports`) by container port. */
  ports?: Record<number, string>;
}

/** The container of every controller in flux-system. */
const manager = 'manager';

/**
 * Binds to any free loopback port: nothing scrapes metrics in the lab. The webhooks of cert-manager and external-secrets listen on
 * every interface: their options have no address.
 */
const anyPort = '127.0.0.1:0';

/** Names of the ports that the programs need. */
export const hostPortNames = [
  'cert-manager-webhook',
  'source-controller-storage',
  'source-controller-health',
  'kustomize-controller-health',
  'helm-controller-health',
  'flux-operator-health',
  'external-secrets-live',
  'external-secrets-webhook',
  'external-secrets-webhook-health',
  'external-secrets-cert-controller-health',
] as const;

/** The pinned modules that the agent reads files from. */
export const hostModules = {
  fluxOperator: 'github.com/controlplaneio-fluxcd/flux-operator',
  cilium: 'github.com/cilium/cilium',
} as const;

const local = (config: AgentConfig, port: (typeof hostPortNames)[number]): string => {
  const number = config.ports[port];
  if (number === undefined) throw new Error(`the agent's configuration has no port "${port}"`);
  return `127.0.0.1:${number}`;
};

/** Flags of every Flux controller. A single replica needs no leader election. */
const fluxFlags =
  (health: (typeof hostPortNames)[number]) =>
  (config: AgentConfig): Record<string, string | null> => ({
    'metrics-addr': anyPort,
    'health-addr': local(config, health),
    // The lab has no notification-controller; its cluster DNS name would not resolve.
    'events-addr': '',
    'enable-leader-election': 'false',
  });

/** The programs that run on the host, in bootstrap order. The only place that names their Deployments. */
export const hostPrograms: readonly HostProgram[] = [
  {
    name: 'cert-manager-cainjector',
    tool: 'cert-manager',
    namespace: 'cert-manager',
    deployment: 'cert-manager-cainjector',
    subcommand: ['cainjector'],
    flags: () => ({}),
  },
  {
    name: 'cert-manager-webhook',
    tool: 'cert-manager',
    namespace: 'cert-manager',
    deployment: 'cert-manager-webhook',
    subcommand: ['webhook'],
    flags: (config) => ({
      'metrics-listen-address': '0',
      'secure-port': String(config.ports['cert-manager-webhook']),
    }),
    ports: { 10250: 'cert-manager-webhook' },
  },
  {
    name: 'external-secrets',
    tool: 'external-secrets',
    namespace: 'external-secrets',
    deployment: 'external-secrets',
    flags: (config) => ({
      'metrics-addr': anyPort,
      'live-addr': local(config, 'external-secrets-live'),
      'enable-leader-election': 'false',
    }),
  },
  {
    name: 'external-secrets-webhook',
    tool: 'external-secrets',
    namespace: 'external-secrets',
    deployment: 'external-secrets-webhook',
    flags: (config) => ({
      'metrics-addr': anyPort,
      'healthz-addr': local(config, 'external-secrets-webhook-health'),
      port: String(config.ports['external-secrets-webhook']),
    }),
    ports: { 10250: 'external-secrets-webhook' },
  },
  {
    name: 'external-secrets-cert-controller',
    tool: 'external-secrets',
    namespace: 'external-secrets',
    deployment: 'external-secrets-cert-controller',
    flags: (config) => ({
      'metrics-addr': anyPort,
      'healthz-addr': local(config, 'external-secrets-cert-controller-health'),
      'enable-leader-election': 'false',
    }),
  },
  {
    name: 'flux-operator',
    tool: 'flux-operator',
    namespace: 'flux-system',
    deployment: 'flux-operator',
    flags: (config) => ({
      'metrics-addr': anyPort,
      'health-addr': local(config, 'flux-operator-health'),
      // The image contains this folder as /data.
      'storage-path': `${config.modules[hostModules.fluxOperator] ?? ''}/config/data`,
      'web-server-port': '0',
      'enable-leader-election': 'false',
    }),
    // It refuses to start without it; see the image of flux-operator.
    env: () => ({ GODEBUG: 'fips140=on', RUNTIME_NAMESPACE: 'flux-system' }),
  },
  {
    name: 'source-controller',
    tool: 'source-controller',
    namespace: 'flux-system',
    deployment: 'source-controller',
    container: manager,
    flags: (config) => ({
      ...fluxFlags('source-controller-health')(config),
      'storage-addr': local(config, 'source-controller-storage'),
      'storage-adv-addr': local(config, 'source-controller-storage'),
    }),
    ports: { 9090: 'source-controller-storage' },
  },
  {
    name: 'kustomize-controller',
    tool: 'kustomize-controller',
    namespace: 'flux-system',
    deployment: 'kustomize-controller',
    container: manager,
    flags: fluxFlags('kustomize-controller-health'),
  },
  {
    name: 'helm-controller',
    tool: 'helm-controller',
    namespace: 'flux-system',
    deployment: 'helm-controller',
    container: manager,
    flags: fluxFlags('helm-controller-health'),
  },
];
