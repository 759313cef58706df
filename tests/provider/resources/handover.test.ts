import { join } from 'node:path';
import { handover } from '../../../provider/resources/handover';
import { FakeApi } from '../../clients/support/fakeApi';
import { FakeTool } from '../../clients/support/fakeTool';
import { GitRepository } from '../support/gitRepository';
import { testOperation } from '../support/operation';

const tree = join(__dirname, '..', '..', 'fixtures', 'reader', 'valid');
const entry = 'kubernetes/clusters/one/infrastructure.yaml';
const span = { startedAt: '2025-10-01T00:00:00Z', finishedAt: '2025-10-01T00:01:00Z' };
let fake: FakeApi;
let git: GitRepository;
beforeEach(async () => {
  fake = await FakeApi.start();
  git = new GitRepository(tree);
});
afterEach(async () => {
  git.remove();
  await fake.stop();
});

const names = ['namespaces', 'foreign', 'app'];
const inputs = (timeoutSeconds: number) => ({
  kubeconfig: fake.kubeconfig,
  cluster: 'one',
  gitUrl: git.url,
  gitBranch: 'main',
  fluxNamespace: 'flux-system',
  kustomizations: names,
  timeoutSeconds,
  phases: { talos: { ...span, startedAt: '2025-09-30T23:58:30Z' }, crds: span, core: span },
});
const conditions = [{ type: 'Ready', status: 'True' }];
const revisionOf = (commit: string) => `refs/heads/main@sha1:${commit}`;
const suspension = (name: string): string =>
  [
    'apiVersion: kustomize.toolkit.fluxcd.io/v1',
    'kind: Kustomization',
    `metadata: {name: ${name}, namespace: flux-system}`,
    'spec: {path: ./kubernetes/infrastructure/app, suspend: true}',
  ].join('\n');

/** Flux at the tip of the repository: everything is ready but what `statuses` says; `commit` is that of its artifact. */
function flux(statuses: Record<string, object | undefined> = {}, commit = (): string => git.tip): void {
  const kustomization = (name: string) => ({
    metadata: { name },
    spec: { sourceRef: { kind: 'GitRepository', name: 'flux-system' } },
    status: { conditions, lastAppliedRevision: revisionOf(commit()) },
    ...statuses[name],
  });
  fake.handler = ({ path }) => {
    if (path.endsWith('/deployments/flux-operator'))
      return { body: { metadata: { name: 'f' }, status: { availableReplicas: 1 } } };
    if (path.endsWith('/fluxinstances/flux')) return { body: { metadata: { name: 'flux' }, status: { conditions } } };
    if (path.endsWith('/gitrepositories/flux-system')) {
      const artifact = { revision: revisionOf(commit()) };
      return { body: { metadata: { name: 'flux-system' }, status: { conditions, artifact } } };
    }
    if (path.endsWith('/kustomizations')) return { body: { items: ['flux-system', ...names].map(kustomization) } };
    if (path.endsWith('/helmreleases')) {
      const failed = [{ type: 'Ready', status: 'False', message: 'upgrade retries exhausted' }];
      return {
        body: { items: [{ metadata: { name: 'app', namespace: 'app' }, status: { conditions: failed } }] },
      };
    }
    return undefined;
  };
}

describe('the handover', () => {
  test('complete: records the commit, the durations and the kubeconfig', async () => {
    flux();
    const operation = testOperation();
    const { outputs } = await handover.create(inputs(5), operation);
    expect(outputs).toEqual({
      kubeconfig: fake.kubeconfig,
      revision: git.tip,
      phasesSeconds: {
        talos: 90,
        crds: 60,
        core: 60,
        handover: expect.any(Number),
        total: expect.any(Number),
      },
      finishedAt: expect.any(String),
    });
    expect(operation.lines).toContain('phase Talos: 90 s, within the target of 7 minutes');
    expect(operation.lines).toContainEqual(
      expect.stringMatching(/phase total: \d+.* longer than the target of 20 min/),
    );
  });

  test('not complete: shows what it waits for; the error contains the reasons that the controllers report', async () => {
    const failed = [{ type: 'Ready', status: 'False', message: 'health check failed' }];
    flux({ app: { status: { conditions: failed } } });
    const operation = testOperation();
    const error = (await handover.create(inputs(1), operation).catch((reason: unknown) => reason)) as Error;
    expect(error.message.replace(/\d+ s;/, '… s;')).toBe(
      [
        'Flux has not taken over after … s; not ready:',
        '  Kustomization app: health check failed',
        '  HelmRelease app/app: upgrade retries exhausted',
        'Fix it in Git and push, or in the cluster, then run `pulumi up` again to resume the wait.',
      ].join('\n'),
    );
    expect(operation.lines).toEqual([
      `waiting for Flux to reconcile main at ${git.tip.slice(0, 12)}`,
      '(waiting for Kustomization app: health check failed)',
      'waiting for 1: Kustomization app',
    ]);
  });

  test('what is not pushed is an error immediately', async () => {
    flux();
    const unpushed = { ...inputs(60), kustomizations: [...names, 'new-one', 'another'] };
    await expect(handover.create(unpushed, testOperation())).rejects.toThrow(
      `branch main of ${git.url} at ${git.tip.slice(0, 12)} lacks what this checkout has: Kustomization new-one, another; ` +
        'Flux would never create them. Push, or pull until both match (git push origin HEAD:main), then run `pulumi up` again',
    );
  });

  test('waits for what the remote has and this checkout lacks, but not for what Git suspends', async () => {
    git.commit({
      [entry]: [suspension('paused'), suspension('later').replace('suspend: true', 'dependsOn: [{name: paused}]')].join(
        '\n---\n',
      ),
    });
    flux();
    const operation = testOperation();
    await expect(handover.create({ ...inputs(1), kustomizations: [] }, operation)).resolves.toBeDefined();
    expect(operation.lines).toContain('not waiting for paused: suspended in Git');
    expect(operation.lines).toContain('not waiting for later: depends on paused');

    git.commit({ [entry]: suspension('pushed-by-others').replace(', suspend: true', '') });
    await expect(handover.create({ ...inputs(1), kustomizations: [] }, testOperation())).rejects.toThrow(
      'Kustomization pushed-by-others: does not exist yet',
    );
  });

  test('a commit that is pushed during the wait decides what it waits for', async () => {
    const before = git.tip;
    let asked = 0;
    flux({ app: { status: { conditions: [] } } }, () => (++asked < 4 ? before : git.tip));
    const done = handover.create(inputs(20), testOperation());
    await new Promise((resolve) => setTimeout(resolve, 500));
    git.commit({ [entry]: suspension('app') });
    expect((await done).outputs.revision).toBe(git.tip);
  }, 30_000);

  test('what a person suspended, and what is stalled, is an error after three polls', async () => {
    const stalled = [{ type: 'Stalled', status: 'True', message: 'the path is invalid' }];
    flux({ app: { spec: { suspend: true } }, namespaces: { status: { conditions: stalled } } });
    await expect(handover.create(inputs(60), testOperation())).rejects.toThrow(
      [
        'Flux will not take over by itself:',
        '  Kustomization namespaces: is stalled, its controller does not retry: the path is invalid',
        '  Kustomization app: is suspended; resume it: flux resume kustomization app',
        'Fix it in Git',
      ].join('\n'),
    );
  }, 20_000);

  test('waits while the API is temporarily unavailable', async () => {
    fake.handler = () => ({ status: 503, body: 'starting' });
    const operation = testOperation();
    await expect(handover.create(inputs(1), operation)).rejects.toThrow('Kubernetes API: ');
    expect(operation.lines).toContain('waiting for 1: Kubernetes API');
  });

  test('a missing branch, and a tree that cannot be rendered, are errors immediately', async () => {
    await expect(handover.create({ ...inputs(60), gitBranch: 'gone' }, testOperation())).rejects.toThrow(
      `git cannot clone ${git.url} at gone: `,
    );
    const offline = new FakeTool('git', 'echo "fatal: unable to access" >&2; exit 128');
    await expect(
      handover.create({ ...inputs(60), gitUrl: 'https://user:word@github.com/a.git' }, testOperation()),
    ).rejects.toThrow('git cannot clone https://github.com/a.git at main: fatal: unable to access');
    offline.remove();
    git.commit({ [entry]: 'kind: [' });
    await expect(handover.create(inputs(60), testOperation())).rejects.toThrow(
      `branch main of ${git.url} at ${git.tip.slice(0, 12)} cannot be rendered; fix it and push, then run \`pulumi up\` again:\n${entry}:`,
    );
  });

  test('is not checked again', () => {
    expect('exists' in handover).toBe(false);
    expect(handover.connectionInputs).toEqual(['kubeconfig', 'gitCredentials']);
  });
});
