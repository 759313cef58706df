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
 * Names of the ports that the programs need. The webhooks of cert-manager and external-secrets listen on every interface: their
 * options have no address.
 */
export const hostPortNames = [
  'cert-manager-webhook',
  'cert-manager-webhook-metrics',
  'source-controller-storage',
  'source-controller-health',
  'source-controller-metrics',
  'kustomize-controller-health',
  'kustomize-controller-metrics',
  'helm-controller-health',
  'helm-controller-metrics',
  'flux-operator-health',
  'flux-operator-metrics',
  'external-secrets-live',
  'external-secrets-metrics',
  'external-secrets-webhook',
  'external-secrets-webhook-health',
  'external-secrets-webhook-metrics',
  'external-secrets-cert-controller-health',
  'external-secrets-cert-controller-metrics',
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
  (controller: 'source-controller' | 'kustomize-controller' | 'helm-controller') =>
  (config: AgentConfig): Record<string, string | null> => ({
    'metrics-addr': local(config, `${controller}-metrics`),
    'health-addr': local(config, `${controller}-health`),
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
      'metrics-listen-address': local(config, 'cert-manager-webhook-metrics'),
      'secure-port': String(config.ports['cert-manager-webhook']),
    }),
    ports: { 10250: 'cert-manager-webhook', 9402: 'cert-manager-webhook-metrics' },
  },
  {
    name: 'external-secrets',
    tool: 'external-secrets',
    namespace: 'external-secrets',
    deployment: 'external-secrets',
    flags: (config) => ({
      'metrics-addr': local(config, 'external-secrets-metrics'),
      'live-addr': local(config, 'external-secrets-live'),
      'enable-leader-election': 'false',
    }),
    ports: { 8080: 'external-secrets-metrics' },
  },
  {
    name: 'external-secrets-webhook',
    tool: 'external-secrets',
    namespace: 'external-secrets',
    deployment: 'external-secrets-webhook',
    flags: (config) => ({
      'metrics-addr': local(config, 'external-secrets-webhook-metrics'),
      'healthz-addr': local(config, 'external-secrets-webhook-health'),
      port: String(config.ports['external-secrets-webhook']),
    }),
    ports: { 10250: 'external-secrets-webhook', 8080: 'external-secrets-webhook-metrics' },
  },
  {
    name: 'external-secrets-cert-controller',
    tool: 'external-secrets',
    namespace: 'external-secrets',
    deployment: 'external-secrets-cert-controller',
    flags: (config) => ({
      'metrics-addr': local(config, 'external-secrets-cert-controller-metrics'),
      'healthz-addr': local(config, 'external-secrets-cert-controller-health'),
      'enable-leader-election': 'false',
    }),
    ports: { 8080: 'external-secrets-cert-controller-metrics' },
  },
  {
    name: 'flux-operator',
    tool: 'flux-operator',
    namespace: 'flux-system',
    deployment: 'flux-operator',
    flags: (config) => ({
      'metrics-addr': local(config, 'flux-operator-metrics'),
      'health-addr': local(config, 'flux-operator-health'),
      // The image contains this folder as /data.
      'storage-path': `${config.modules[hostModules.fluxOperator] ?? ''}/config/data`,
      'web-server-port': '0',
      'enable-leader-election': 'false',
    }),
    // It refuses to start without it; see the image of flux-operator.
    env: () => ({ GODEBUG: 'fips140=on', RUNTIME_NAMESPACE: 'flux-system' }),
    ports: { 8080: 'flux-operator-metrics' },
  },
  {
    name: 'source-controller',
    tool: 'source-controller',
    namespace: 'flux-system',
    deployment: 'source-controller',
    container: manager,
    flags: (config) => ({
      ...fluxFlags('source-controller')(config),
      'storage-addr': local(config, 'source-controller-storage'),
      'storage-adv-addr': local(config, 'source-controller-storage'),
    }),
    ports: { 9090: 'source-controller-storage', 8080: 'source-controller-metrics' },
  },
  {
    name: 'kustomize-controller',
    tool: 'kustomize-controller',
    namespace: 'flux-system',
    deployment: 'kustomize-controller',
    container: manager,
    flags: fluxFlags('kustomize-controller'),
    ports: { 8080: 'kustomize-controller-metrics' },
  },
  {
    name: 'helm-controller',
    tool: 'helm-controller',
    namespace: 'flux-system',
    deployment: 'helm-controller',
    container: manager,
    flags: fluxFlags('helm-controller'),
    ports: { 8080: 'helm-controller-metrics' },
  },
];
