import { expandReferences, quantity } from '../../lab/agent/containerValues';
import { deploymentToProcess, replaceFlags, type Replacements } from '../../lab/agent/deploymentToProcess';
import type { Deployment } from '../../lab/agent/kubeTypes';

const sourceController: Deployment = {
  metadata: { name: 'source-controller', namespace: 'flux-system' },
  spec: {
    template: {
      metadata: { labels: { app: 'source-controller' } },
      spec: {
        serviceAccountName: 'source-controller',
        volumes: [{ name: 'data' }, { name: 'tmp' }, { name: 'ca', secret: { secretName: 'ca-bundle' } }],
        containers: [
          {
            name: 'manager',
            image: 'ghcr.io/fluxcd/source-controller:v1.7.3@sha256:abc',
            args: [
              '--events-addr=http://notification-controller.flux-system.svc.cluster.local./',
              '--watch-all-namespaces',
              '--enable-leader-election',
              '--storage-path=/data',
              '--storage-adv-addr=source-controller.$(RUNTIME_NAMESPACE).svc.cluster.local.',
              '--feature-gates=ObjectLevelWorkloadIdentity=false',
            ],
            env: [
              { name: 'RUNTIME_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
              { name: 'TUF_ROOT', value: '/tmp/.sigstore' },
              { name: 'GOMEMLIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.memory' } } },
              { name: 'GOMAXPROCS', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
              { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
            ],
            ports: [{ name: 'http', containerPort: 9090 }, { containerPort: 8080 }],
            resources: { limits: { memory: '1Gi', cpu: '1500m' } },
            volumeMounts: [
              { name: 'data', mountPath: '/data' },
              { name: 'tmp', mountPath: '/tmp' },
              { name: 'ca', mountPath: '/etc/ca' },
            ],
          },
        ],
      },
    },
  },
};

const replacements: Replacements = {
  container: 'manager',
  flags: {
    'events-addr': '',
    'storage-addr': '127.0.0.1:9790',
    'storage-adv-addr': '127.0.0.1:9790',
    'enable-leader-election': 'false',
  },
  volumesDir: '/lab/volumes',
  ports: { 9090: 9790 },
};

describe('deploymentToProcess', () => {
  const spec = deploymentToProcess(sourceController, replacements);

  test('keeps the arguments except for addresses and mount paths', () => {
    expect(spec.args).toEqual([
      '--events-addr=',
      '--watch-all-namespaces',
      '--enable-leader-election=false',
      '--storage-path=/lab/volumes/data',
      '--storage-adv-addr=127.0.0.1:9790',
      '--feature-gates=ObjectLevelWorkloadIdentity=false',
      '--storage-addr=127.0.0.1:9790',
    ]);
  });

  test('sets the variables that the kubelet would set', () => {
    expect(spec.env).toEqual({
      RUNTIME_NAMESPACE: 'flux-system',
      TUF_ROOT: '/lab/volumes/tmp/.sigstore',
      GOMEMLIMIT: '1073741824',
      GOMAXPROCS: '2',
    });
  });

  test('reports what it omits', () => {
    expect(spec.gaps).toEqual(["variable NODE comes from the pod's field spec.nodeName, which the lab omits"]);
  });

  test('returns volumes with content, ports, service account and image tag', () => {
    expect(spec.volumes).toEqual([{ kind: 'Secret', name: 'ca-bundle', optional: false, dir: '/lab/volumes/ca' }]);
    expect(spec.dirs.sort()).toEqual(['/lab/volumes/ca', '/lab/volumes/data', '/lab/volumes/tmp']);
    expect(spec.ports).toEqual({ 9090: 9790, http: 9790 });
    expect(spec.serviceAccount).toBe('source-controller');
    expect(spec.imageTag).toBe('v1.7.3');
  });

  test('variables of the lab take precedence; null removes one', () => {
    const { env } = deploymentToProcess(sourceController, {
      ...replacements,
      env: { GODEBUG: 'fips140=on', GOMEMLIMIT: null, TUF_ROOT: '/x' },
    });
    expect(env).toEqual({ RUNTIME_NAMESPACE: 'flux-system', GODEBUG: 'fips140=on', TUF_ROOT: '/x', GOMAXPROCS: '2' });
  });

  test('a missing container is an error that lists the existing ones', () => {
    expect(() => deploymentToProcess(sourceController, { ...replacements, container: 'main' })).toThrow(
      'Deployment flux-system/source-controller has no container "main" (it has: manager); ' +
        'correct the container in the table in lab/agent/hostPrograms.ts',
    );
  });
});

describe('replaceFlags', () => {
  test.each([
    [['--a=1', '--b'], { a: '2' }, ['--a=2', '--b']],
    [['--a', '1', '--b'], { a: '2' }, ['--a=2', '--b']],
    [['--a', '--b'], { a: 'false' }, ['--a=false', '--b']],
    [['-a=1'], { a: '2' }, ['--a=2']],
    [['webhook', '--port=10250'], { port: '1' }, ['webhook', '--port=1']],
    [['--a=1', '--b', '--a=3'], { a: '2' }, ['--a=2', '--b']],
    [['--a=1', '--b'], { a: null }, ['--b']],
    [['--feature-gates=X=true'], { a: '2' }, ['--feature-gates=X=true', '--a=2']],
    [['--ab=1'], { a: null }, ['--ab=1']],
  ])('%j with %j is %j', (args, flags, expected) => {
    expect(replaceFlags(args, flags as Record<string, string | null>)).toEqual(expected);
  });
});

describe('values of a container', () => {
  test('expands references like Kubernetes', () => {
    expect(expandReferences('$(A)/$(B)/$$(A)', { A: 'x' })).toBe('x/$(B)/$(A)');
  });

  test.each([
    ['1Gi', 1073741824],
    ['500m', 0.5],
    ['2', 2],
    ['64M', 64_000_000],
  ])('%s is %d', (text, value) => {
    expect(quantity(text)).toBe(value);
  });

  test('an invalid quantity is an error', () => {
    expect(() => quantity('much')).toThrow('"much" is not a Kubernetes quantity');
  });
});
