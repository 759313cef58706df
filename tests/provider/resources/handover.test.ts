import { handover } from '../../../provider/resources/handover';
import { FakeApi } from '../../clients/support/fakeApi';
import { FakeTool } from '../../clients/support/fakeTool';
import { testOperation } from '../support/operation';

const tip = 'a'.repeat(40);
const span = { startedAt: '2025-10-01T00:00:00Z', finishedAt: '2025-10-01T00:01:00Z' };
let fake: FakeApi;
let git: FakeTool;
beforeEach(async () => {
  fake = await FakeApi.start();
  git = new FakeTool('git', `printf '%s ' "$@" > "$DIR/args"; printf '${tip}\\trefs/heads/main\\n'`);
});
afterEach(async () => {
  git.remove();
  await fake.stop();
});

const inputs = (timeoutSeconds: number) => ({
  kubeconfig: fake.kubeconfig,
  gitUrl: 'https://github.com/example/repo.git',
  gitBranch: 'main',
  fluxNamespace: 'flux-system',
  kustomizations: ['cilium'],
  timeoutSeconds,
  phases: { talos: { ...span, startedAt: '2025-09-30T23:58:30Z' }, crds: span, core: span },
});
const conditions = [{ type: 'Ready', status: 'True' }];
const revision = `refs/heads/main@sha1:${tip}`;

function flux(cilium: object): void {
  const kustomization = (name: string, status: object) => ({
    metadata: { name },
    spec: { sourceRef: { kind: 'GitRepository', name: 'flux-system' } },
    status,
  });
  fake.handler = ({ path }) => {
    if (path.endsWith('/deployments/flux-operator'))
      return { body: { metadata: { name: 'f' }, status: { availableReplicas: 1 } } };
    if (path.endsWith('/fluxinstances/flux')) return { body: { metadata: { name: 'flux' }, status: { conditions } } };
    if (path.endsWith('/gitrepositories/flux-system')) {
      return { body: { metadata: { name: 'flux-system' }, status: { conditions, artifact: { revision } } } };
    }
    if (path.endsWith('/kustomizations')) {
      const root = kustomization('flux-system', { conditions, lastAppliedRevision: revision });
      return { body: { items: [root, kustomization('cilium', cilium)] } };
    }
    if (path.endsWith('/helmreleases')) {
      const failed = [{ type: 'Ready', status: 'False', message: 'upgrade retries exhausted' }];
      return {
        body: { items: [{ metadata: { name: 'cilium', namespace: 'kube-system' }, status: { conditions: failed } }] },
      };
    }
    return undefined;
  };
}

describe('the handover', () => {
  test('complete: records the commit, the durations and the kubeconfig', async () => {
    flux({ conditions, lastAppliedRevision: revision });
    const { outputs } = await handover.create(inputs(5), testOperation());
    expect(outputs).toEqual({
      kubeconfig: fake.kubeconfig,
      revision: tip,
      phasesSeconds: {
        talos: 90,
        crds: 60,
        core: 60,
        handover: expect.any(Number),
        total: expect.any(Number),
      },
      finishedAt: expect.any(String),
    });
    expect(git.read('args')).toBe('ls-remote -- https://github.com/example/repo.git refs/heads/main ');
  });

  test('not complete: shows what it waits for; the error contains the reasons that the controllers report', async () => {
    flux({ conditions: [{ type: 'Ready', status: 'False', message: 'health check failed' }] });
    const operation = testOperation();
    await expect(handover.create(inputs(1), operation)).rejects.toThrow(
      [
        'Flux has not taken over after 0 s; not ready:',
        '  Kustomization cilium: health check failed',
        '  HelmRelease kube-system/cilium: upgrade retries exhausted',
        'Fix it in Git and push, or in the cluster, then run `pulumi up` again to resume the wait.',
      ].join('\n'),
    );
    expect(operation.lines).toEqual([
      `waiting for Flux to reconcile main at ${tip.slice(0, 12)}`,
      '(waiting for Kustomization cilium: health check failed)',
      'waiting for 1: Kustomization cilium',
    ]);
  });

  test('waits while the API is temporarily unavailable', async () => {
    fake.handler = () => ({ status: 503, body: 'starting' });
    const operation = testOperation();
    await expect(handover.create(inputs(1), operation)).rejects.toThrow('Kubernetes API: ');
    expect(operation.lines).toContain('waiting for 1: Kubernetes API');
  });

  test('a missing branch is an error immediately', async () => {
    const empty = new FakeTool('git', '');
    await expect(handover.create(inputs(60), testOperation())).rejects.toThrow(
      'https://github.com/example/repo.git has no branch main; push it, or correct GIT_BRANCH',
    );
    empty.remove();
    const offline = new FakeTool('git', 'echo "fatal: unable to access" >&2; exit 128');
    await expect(
      handover.create({ ...inputs(60), gitUrl: 'https://user:word@github.com/a.git' }, testOperation()),
    ).rejects.toThrow('git cannot read https://github.com/a.git: fatal: unable to access');
    offline.remove();
  });

  test('is not checked again', () => {
    expect('exists' in handover).toBe(false);
    expect(handover.connectionInputs).toEqual(['kubeconfig']);
  });
});
