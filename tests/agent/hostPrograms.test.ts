import type { AgentConfig } from '../../lab/agent/config';
import { hostModules, hostPortNames, hostPrograms } from '../../lab/agent/hostPrograms';

const config: AgentConfig = {
  cluster: 'c',
  kubeconfig: '/k',
  workDir: '/w',
  statusFile: '/s',
  logDir: '/l',
  healthPort: 1,
  egressSocket: '@x',
  ports: Object.fromEntries(hostPortNames.map((name, index) => [name, 20_000 + index])),
  tools: {},
  toolVersions: {},
  modules: { [hostModules.fluxOperator]: '/mod/flux-operator' },
  egressEnv: {},
};

describe('the table of host programs', () => {
  test('all addresses are on loopback and all ports are unique', () => {
    const addresses = hostPrograms.flatMap((program) =>
      Object.entries(program.flags(config)).filter(([flag]) => flag.endsWith('addr') && flag !== 'events-addr'),
    );
    expect(addresses).not.toEqual([]);
    for (const [flag, address] of addresses)
      expect([flag, address]).toEqual([flag, expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
    const fixed = hostPrograms.flatMap((program) => [
      ...new Set(Object.values(program.flags(config)).flatMap((value) => /(2\d{4})$/.exec(value ?? '')?.[1] ?? [])),
    ]);
    expect([...fixed].sort()).toEqual(hostPortNames.map((_, index) => String(20_000 + index)));
  });

  test('external-secrets comes before Flux', () => {
    expect(hostPrograms.map(({ name }) => name)).toEqual([
      'cert-manager-cainjector',
      'cert-manager-webhook',
      'external-secrets',
      'external-secrets-webhook',
      'external-secrets-cert-controller',
      'flux-operator',
      'source-controller',
      'kustomize-controller',
      'helm-controller',
    ]);
  });

  test('flux-operator gets the manifests of its module and the FIPS mode it requires', () => {
    const program = hostPrograms.find(({ name }) => name === 'flux-operator');
    expect(program?.flags(config)).toMatchObject({
      'storage-path': '/mod/flux-operator/config/data',
      'web-server-port': '0',
    });
    expect(program?.env?.(config)).toEqual({ GODEBUG: 'fips140=on', RUNTIME_NAMESPACE: 'flux-system' });
  });

  test('a missing port is an error that names it', () => {
    const program = hostPrograms.find(({ name }) => name === 'helm-controller');
    expect(() => program?.flags({ ...config, ports: {} })).toThrow(
      'the agent\'s configuration has no port "helm-controller-metrics"',
    );
  });
});
