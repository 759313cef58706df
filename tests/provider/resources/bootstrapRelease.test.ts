import { readdirSync } from 'node:fs';
import { bootstrapRelease } from '../../../provider/resources/bootstrapRelease';
import { helmVersionProblem } from '../../../clients/helm/helm';
import { FakeApi, type Handler } from '../../clients/support/fakeApi';
import { FakeTool } from '../../clients/support/fakeTool';
import { testOperation } from '../support/operation';

const helmScript = `
if [ "$1" = version ]; then printf v3.22.0; exit; fi
printf '%s\\n' "$@" > "$DIR/args"
cat > "$DIR/stdin"
cp "$KUBECONFIG" "$DIR/kubeconfig"; echo "$KUBECONFIG" > "$DIR/path"; stat -L -c %a "$KUBECONFIG" > "$DIR/mode"
env | grep -E '^(HELM_|NO_PROXY)' | sort > "$DIR/env"
if [ -e "$DIR/fail" ]; then echo 'Error: INSTALLATION FAILED: context deadline exceeded' >&2; exit 1; fi
if [ -e "$DIR/hang" ]; then trap 'echo term > "$DIR/term"; exit 1' TERM; touch "$DIR/started"; for _ in {1..100}; do sleep 0.05; done; fi
touch "$DIR/installed"`;

const secrets = '/api/v1/namespaces/kube-system/secrets';
const stored = (version: number, status: string, labels = {}) => ({
  metadata: {
    name: `sh.helm.release.v1.cilium.v${version}`,
    labels: { owner: 'helm', name: 'cilium', version: String(version), status, ...labels },
  },
});

let fake: FakeApi;
let helm: FakeTool;
beforeEach(async () => {
  fake = await FakeApi.start();
  helm = new FakeTool('helm', helmScript);
});
afterEach(async () => {
  helm.remove();
  await fake.stop();
});

const inputs = () => ({
  kubeconfig: fake.kubeconfig,
  name: 'cilium',
  namespace: 'kube-system',
  storageNamespace: 'kube-system',
  chartUrl: 'oci://quay.io/cilium/charts/cilium',
  version: '1.18.3',
  values: '{"a":null}',
  timeoutSeconds: 900,
  wait: true,
});

/** The given records, until helm has installed the release. */
const storage =
  (before: object[], more: Handler = () => undefined): Handler =>
  (request) => {
    if (request.path !== secrets) return more(request);
    const installed = readdirSync(helm.directory).includes('installed');
    return { body: { items: installed ? [stored(1, 'deployed')] : before } };
  };

describe('a release that is absent', () => {
  test('is installed: values on stdin, kubeconfig in an unlinked private file, nothing left behind', async () => {
    fake.handler = storage([]);
    const { id, outputs } = await bootstrapRelease.create(inputs(), testOperation());
    expect(id).toBe('kube-system/cilium');
    expect(outputs).toEqual({
      kubeconfig: fake.kubeconfig,
      name: 'cilium',
      namespace: 'kube-system',
      storageNamespace: 'kube-system',
      chartUrl: 'oci://quay.io/cilium/charts/cilium',
      version: '1.18.3',
      action: 'installed',
      revision: 1,
      startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      finishedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(helm.read('args').trim().split('\n')).toEqual([
      'install',
      'cilium',
      'oci://quay.io/cilium/charts/cilium',
      '--version',
      '1.18.3',
      '--namespace',
      'kube-system',
      '--take-ownership',
      '--wait',
      '--timeout',
      '900s',
      '--values',
      '-',
    ]);
    expect(helm.read('stdin')).toBe('{"a":null}');
    expect(helm.read('kubeconfig')).toBe(fake.kubeconfig);
    expect(helm.read('mode')).toBe('600\n');
    if (process.platform === 'linux') expect(helm.read('path')).toBe('/proc/self/fd/3\n');
    expect(helm.read('env')).toMatch(/HELM_CACHE_HOME=.*fake-tool-.*\/k8s-gitops-provider-\d+-\d+-\w+\/cache\n/);
    expect(helm.read('env')).toMatch(/NO_PROXY=(.*,)?127\.0\.0\.1\n/);
    expect(readdirSync(helm.directory).filter((name) => name.startsWith('k8s-gitops-provider'))).toEqual([]);
  });

  test('a failure: the error contains helm’s output, the pods that are not ready, and warning events', async () => {
    fake.handler = storage([], ({ path }) => {
      if (path.endsWith('/pods')) {
        const waiting = { reason: 'ImagePullBackOff', message: 'no such image' };
        const containerStatuses = [{ name: 'agent', state: { waiting } }];
        return {
          body: { items: [{ metadata: { name: 'cilium-x' }, status: { phase: 'Pending', containerStatuses } }] },
        };
      }
      const event = { metadata: { name: 'e' }, reason: 'Failed', message: 'pull failed' };
      if (path.endsWith('/events')) {
        return { body: { items: [{ ...event, involvedObject: { kind: 'Pod', name: 'cilium-x' } }] } };
      }
      return undefined;
    });
    const failing = new FakeTool('helm', `touch "$DIR/fail"\n${helmScript}`);
    try {
      await expect(bootstrapRelease.create(inputs(), testOperation())).rejects.toThrow(
        [
          'helm could not install kube-system/cilium (oci://quay.io/cilium/charts/cilium 1.18.3):',
          'Error: INSTALLATION FAILED: context deadline exceeded',
          'not ready in kube-system:',
          '  pod cilium-x: container agent: ImagePullBackOff: no such image',
          'warnings in kube-system:',
          '  Pod cilium-x: Failed: pull failed',
        ].join('\n'),
      );
    } finally {
      failing.remove();
    }
  });

  test('a cancelled run stops helm and removes its folder', async () => {
    fake.handler = storage([]);
    const hanging = new FakeTool('helm', `touch "$DIR/hang"\n${helmScript}`);
    try {
      const operation = testOperation();
      const running = bootstrapRelease.create(inputs(), operation).catch((error: Error) => error.message);
      while (!readdirSync(hanging.directory).includes('started')) await new Promise((done) => setTimeout(done, 20));
      operation.abort('cancelled');
      expect(await running).toBe('helm: cancelled');
      expect(hanging.read('term')).toBe('term\n');
      expect(readdirSync(hanging.directory).filter((name) => name.startsWith('k8s-gitops-provider'))).toEqual([]);
    } finally {
      hanging.remove();
    }
  });
});

describe('an existing release', () => {
  test('deployed: helm is not called', async () => {
    fake.handler = storage([stored(4, 'deployed')]);
    const { outputs } = await bootstrapRelease.create(inputs(), testOperation());
    expect(outputs).toMatchObject({ action: 'found', revision: 4 });
    expect(helm.read('args')).toBe('');
    expect(fake.requestLines.every((line) => line.startsWith('GET '))).toBe(true);
  });

  test('left pending: only that record is deleted, then the release is installed', async () => {
    fake.handler = storage([stored(1, 'pending-install')], ({ method }) =>
      method === 'DELETE' ? { body: {} } : undefined,
    );
    const operation = testOperation();
    const { outputs } = await bootstrapRelease.create(inputs(), operation);
    expect(outputs).toMatchObject({ action: 'installed', revision: 1 });
    expect(fake.requestLines.filter((line) => line.startsWith('DELETE'))).toEqual([
      `DELETE ${secrets}/sh.helm.release.v1.cilium.v1`,
    ]);
    expect(operation.lines[0]).toBe(
      'kube-system/cilium: its only attempt was left pending-install; ' +
        'deleting the record sh.helm.release.v1.cilium.v1 and installing again',
    );
  });

  test('a HelmRelease with another name for the same release counts', async () => {
    fake.handler = storage([stored(1, 'failed')], ({ path }) => {
      if (!path.startsWith('/apis/helm.toolkit.fluxcd.io/v2/namespaces/kube-system/')) return undefined;
      return { body: { items: [{ metadata: { name: 'network' }, spec: { releaseName: 'cilium' } }] } };
    });
    const { outputs } = await bootstrapRelease.create(inputs(), testOperation());
    expect(outputs).toMatchObject({ action: 'owned-by-flux', revision: 1 });
    expect(helm.read('args')).toBe('');
  });

  test('uninstalled: refused, and the error says how to continue', async () => {
    fake.handler = storage([stored(1, 'uninstalled')]);
    await expect(bootstrapRelease.create(inputs(), testOperation())).rejects.toThrow(
      'release kube-system/cilium: its revision 1 is marked uninstalled, so it was uninstalled deliberately, or that is ' +
        'in progress; complete it with `helm uninstall cilium --namespace kube-system`, then run again',
    );
  });
});

describe('whether a release still exists', () => {
  const state = () => ({ ...inputs(), action: 'found' as const, revision: 1, startedAt: '', finishedAt: '' });

  test('is read from the API', async () => {
    fake.handler = storage([stored(1, 'failed')]);
    expect(await bootstrapRelease.exists?.(state(), testOperation())).toBe(true);
    fake.handler = storage([]);
    expect(await bootstrapRelease.exists?.(state(), testOperation())).toBe(false);
  });

  test('an error response is an error, not "gone"', async () => {
    fake.handler = () => ({ status: 401, body: { message: 'Unauthorized' } });
    await expect(bootstrapRelease.exists?.(state(), testOperation())).rejects.toThrow('401 Unauthorized');
  });
});

test('inputs: another storage namespace, a URL that is not OCI, and values that are not an object are invalid', () => {
  const wrong = { ...inputs(), storageNamespace: 'flux-system', chartUrl: 'https://x', values: '[]' };
  const issues = bootstrapRelease.schema.safeParse(wrong).error?.issues ?? [];
  expect(issues.map(({ path, message }) => `${path.join('.')} ${message}`)).toEqual([
    'chartUrl must be an oci:// URL',
    'values must be the text of a JSON object',
    'storageNamespace must be the release namespace, where the Helm CLI stores its records; otherwise Flux would ' +
      'install a second release. Move the HelmRelease into the namespace of its release',
  ]);
});

test.each([
  ['v3.17.0', true],
  ['v3.22.0', true],
  ['v3.16.4', false],
  ['v4.0.1', false],
  ['', false],
])('helm %s', (version, supported) => {
  expect(helmVersionProblem(version)).toBe(
    supported
      ? undefined
      : `helm: found ${version || 'no version'}, expected at least v3.17 and below v4; ` +
          'install Helm 3.17 or newer, below 4: https://helm.sh/docs/intro/install/',
  );
});
