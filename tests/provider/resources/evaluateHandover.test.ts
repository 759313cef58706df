import {
  commitOf,
  evaluateHandover,
  type FluxKustomization,
  type FluxSnapshot,
} from '../../../provider/resources/flux/evaluateHandover';
import type { ConditionedObject } from '../../../clients/kubernetes/objects';
import { phaseLines, phasesSeconds } from '../../../provider/resources/flux/phasesSeconds';
import { changeLine, statusLine } from '../../../provider/resources/handover';

const tip = 'a'.repeat(40);
const other = 'b'.repeat(40);
const goal = { fluxNamespace: 'flux-system', kustomizations: ['cilium'], acceptedCommits: new Set([tip]) };
const ready = (status = 'True', message = '') => ({ type: 'Ready', status, message, observedGeneration: 1 });
const meta = (name: string) => ({ name, namespace: 'flux-system', generation: 1 });

function kustomization(name: string, change: Partial<FluxKustomization> = {}): FluxKustomization {
  return {
    metadata: meta(name),
    spec: { sourceRef: { kind: 'GitRepository', name: 'flux-system' } },
    status: { conditions: [ready()], lastAppliedRevision: `refs/heads/main@sha1:${tip}` },
    ...change,
  };
}

function snapshot(change: Partial<FluxSnapshot> = {}): FluxSnapshot {
  return {
    operator: { metadata: meta('flux-operator'), status: { availableReplicas: 1 } },
    instance: { metadata: meta('flux'), status: { conditions: [ready()] } },
    source: {
      metadata: meta('flux-system'),
      status: { conditions: [ready()], artifact: { revision: `refs/heads/main@sha1:${tip}` } },
    },
    kustomizations: [kustomization('cilium')],
    helmReleases: [],
    ...change,
  };
}

const notReady = (change: Partial<FluxSnapshot>) =>
  evaluateHandover(snapshot(change), goal).waiting.map(({ what, why }) => `${what}: ${why}`);

describe('whether the handover is complete', () => {
  test('everything ready at the tip: complete, with the commit', () => {
    expect(evaluateHandover(snapshot(), goal)).toEqual({ revision: tip, waiting: [], blocked: [] });
  });

  test('nothing exists: everything is listed, in the order of the dependencies', () => {
    const empty = { operator: undefined, instance: undefined, source: undefined, kustomizations: [] };
    expect(notReady(empty)).toEqual([
      'Deployment flux-operator: does not exist yet',
      'FluxInstance flux: does not exist yet',
      'GitRepository flux-system: does not exist yet',
      'Kustomization cilium: does not exist yet',
    ]);
  });

  test('the reason is the message of the controller', () => {
    const conditions = [ready('False', "dependency 'flux-system/gateway-api' is not ready")];
    expect(notReady({ kustomizations: [kustomization('cilium', { status: { conditions } })] })).toEqual([
      "Kustomization cilium: dependency 'flux-system/gateway-api' is not ready",
    ]);
    const operator = {
      metadata: meta('flux-operator'),
      status: { availableReplicas: 0, conditions: [{ type: 'Available', status: 'False', message: 'no minimum' }] },
    };
    expect(notReady({ operator })).toEqual(['Deployment flux-operator: no minimum']);
  });

  test('a Ready condition of an older generation does not count', () => {
    const stale = kustomization('cilium', { metadata: { ...meta('cilium'), generation: 2 } });
    expect(notReady({ kustomizations: [stale] })).toEqual([
      'Kustomization cilium: its controller has not processed the latest change',
    ]);
  });

  test('ready at another commit does not count', () => {
    const source = {
      metadata: meta('flux-system'),
      status: { conditions: [ready()], artifact: { revision: `main@sha1:${other}` } },
    };
    const status = { conditions: [ready()], lastAppliedRevision: `main@sha1:${other}` };
    expect(notReady({ source, kustomizations: [kustomization('cilium', { status })] })).toEqual([
      `GitRepository flux-system: is at ${other.slice(0, 12)}, expected ${tip.slice(0, 12)}`,
      `Kustomization cilium: has applied ${other.slice(0, 12)}, expected ${tip.slice(0, 12)}`,
    ]);
    const later = { ...goal, acceptedCommits: new Set([tip, other]) };
    expect(evaluateHandover(snapshot({ source }), later)).toEqual({ revision: other, waiting: [], blocked: [] });
  });

  test('the revision of a Kustomization with another source is not compared', () => {
    const foreign = kustomization('cilium', {
      spec: { sourceRef: { kind: 'GitRepository', name: 'gateway-api' } },
      status: { conditions: [ready()], lastAppliedRevision: `v1.3.0@sha1:${other}` },
    });
    expect(notReady({ kustomizations: [foreign] })).toEqual([]);
  });

  describe('what stays as it is until a person acts', () => {
    const blocked = (change: Partial<FluxSnapshot>) => evaluateHandover(snapshot(change), goal).blocked;
    const stalled = (generation = 1) => ({
      type: 'Stalled',
      status: 'True',
      message: 'retries exhausted',
      observedGeneration: generation,
    });
    const failed = [ready('False', 'install failed')];
    const unready = kustomization('cilium', { status: { conditions: failed } });
    const release = (labels: Record<string, string>, change: Partial<ConditionedObject>): ConditionedObject => ({
      metadata: { name: 'cilium', namespace: 'kube-system', generation: 1, labels },
      status: { conditions: [...failed, stalled()] },
      ...change,
    });
    const ofCilium = { 'kustomize.toolkit.fluxcd.io/name': 'cilium' };

    test('a suspended Kustomization, with the command that resumes it', () => {
      const suspended = { kustomizations: [kustomization('cilium', { spec: { suspend: true } })] };
      const why = 'is suspended; resume it: flux resume kustomization cilium';
      expect(notReady(suspended)).toEqual([`Kustomization cilium: ${why}`]);
      expect(blocked(suspended)).toEqual([{ what: 'Kustomization cilium', why }]);
    });

    test('a stalled source, Kustomization or release, with its controller’s reason', () => {
      const conditions = [...failed, stalled()];
      const why = 'is stalled, its controller does not retry: retries exhausted';
      expect(
        blocked({
          source: { metadata: meta('flux-system'), status: { conditions } },
          kustomizations: [kustomization('cilium', { status: { conditions } })],
          helmReleases: [release(ofCilium, {})],
        }),
      ).toEqual([
        { what: 'GitRepository flux-system', why },
        { what: 'Kustomization cilium', why },
        { what: 'HelmRelease kube-system/cilium', why },
      ]);
    });

    test('a release that a person suspended, and not one that Git suspends', () => {
      const spec = { suspend: true };
      const [one] = blocked({ kustomizations: [unready], helmReleases: [release(ofCilium, { spec })] });
      expect(one?.why).toBe('is suspended; resume it: flux resume helmrelease -n kube-system cilium');
      const fields = [{ manager: 'kustomize-controller', fieldsV1: { 'f:spec': { 'f:suspend': {} } } }];
      const inGit = release(ofCilium, { spec });
      inGit.metadata.managedFields = fields;
      expect(blocked({ kustomizations: [unready], helmReleases: [inGit] })).toEqual([]);
    });

    test('not what an older generation reported, what is not waited for, or what is ready', () => {
      const old = { metadata: { ...meta('cilium'), generation: 2 }, status: { conditions: [...failed, stalled()] } };
      expect(blocked({ kustomizations: [kustomization('cilium', old)] })).toEqual([]);
      const other = kustomization('other', { spec: { suspend: true } });
      expect(blocked({ kustomizations: [unready, other], helmReleases: [release({}, {})] })).toEqual([]);
      const fine = release(ofCilium, { status: { conditions: [ready()] }, spec: { suspend: true } });
      expect(blocked({ kustomizations: [unready], helmReleases: [fine] })).toEqual([]);
    });
  });

  test.each([
    [`refs/heads/main@sha1:${tip}`, tip],
    [`main/${tip}`, tip],
    [tip, tip],
    ['latest@sha256:' + 'c'.repeat(64), 'c'.repeat(64)],
    ['main@sha1:abc', undefined],
    [undefined, undefined],
  ])('commit of %s', (revision, commit) => {
    expect(commitOf(revision)).toBe(commit);
  });

  test('the progress lines', () => {
    const waiting = [
      { what: 'Kustomization cilium', why: 'first line\nsecond' },
      { what: 'Kustomization coredns', why: 'x' },
    ];
    expect(statusLine(waiting)).toBe('waiting for Kustomization cilium: first line (and 1 more)');
    expect(changeLine(waiting)).toBe('waiting for 2: Kustomization cilium, Kustomization coredns');
  });
});

test('phase times in seconds with one decimal', () => {
  const at = (seconds: number) => new Date(1_760_000_000_000 + seconds * 1000).toISOString();
  const span = (from: number, to: number) => ({ startedAt: at(from), finishedAt: at(to) });
  expect(phasesSeconds({ talos: span(0, 30.44), crds: span(31, 40), core: span(41, 100.06) }, span(101, 150))).toEqual({
    talos: 31,
    crds: 9,
    core: 59.1,
    handover: 49,
    total: 150,
  });
});

test('the phases against the architecture’s targets', () => {
  const phases = { talos: 420, crds: 121.5, core: 60, handover: 3600, total: 1200.1 };
  expect(phaseLines(phases)).toEqual([
    { text: 'phase Talos: 420 s, within the target of 7 minutes', late: false },
    { text: 'phase CRDs: 121.5 s, longer than the target of 2 minutes', late: true },
    { text: 'phase core: 60 s, within the target of 6 minutes', late: false },
    { text: 'phase handover: 3600 s', late: false },
    { text: 'phase total: 1200.1 s, longer than the target of 20 minutes', late: true },
  ]);
});
