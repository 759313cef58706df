import {
  commitOf,
  evaluateHandover,
  type FluxKustomization,
  type FluxSnapshot,
} from '../../../provider/resources/flux/evaluateHandover';
import { phasesSeconds } from '../../../provider/resources/flux/phasesSeconds';
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
    ...change,
  };
}

const notReady = (change: Partial<FluxSnapshot>) =>
  evaluateHandover(snapshot(change), goal).waiting.map(({ what, why }) => `${what}: ${why}`);

describe('whether the handover is complete', () => {
  test('everything ready at the tip: complete, with the commit', () => {
    expect(evaluateHandover(snapshot(), goal)).toEqual({ revision: tip, waiting: [] });
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
    expect(evaluateHandover(snapshot({ source }), later)).toEqual({ revision: other, waiting: [] });
  });

  test('the revision of a Kustomization with another source is not compared', () => {
    const foreign = kustomization('cilium', {
      spec: { sourceRef: { kind: 'GitRepository', name: 'gateway-api' } },
      status: { conditions: [ready()], lastAppliedRevision: `v1.3.0@sha1:${other}` },
    });
    expect(notReady({ kustomizations: [foreign] })).toEqual([]);
  });

  test('a suspended Kustomization is not ready', () => {
    expect(notReady({ kustomizations: [kustomization('cilium', { spec: { suspend: true } })] })).toEqual([
      'Kustomization cilium: is suspended; resume it: flux resume kustomization',
    ]);
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
