import { dependsOnSuspended, suspendedUnderWait } from '../../../gitops/checks/suspended';
import { findingsOf, handTree } from './handTree';
import { release, tree } from './releaseTree';

const source = { kind: 'GitRepository', name: 'flux-system' };
const two = (
  first: Record<string, unknown>,
  second: Record<string, unknown>,
  parent = {},
): ReturnType<typeof handTree> =>
  handTree([
    { name: 'flux-system', spec: parent },
    { name: 'first', parent: 'flux-system', spec: { sourceRef: source, ...first } },
    { name: 'second', parent: 'flux-system', spec: { sourceRef: source, dependsOn: [{ name: 'first' }], ...second } },
  ]);

test.each([
  [{ suspend: true }, {}, 'no later commit is applied'],
  [
    { suspend: true, sourceRef: { kind: 'OCIRepository', name: 'x' } },
    {},
    'on a cluster where it was never ready, nothing is applied',
  ],
])('a Kustomization that depends on a suspended one: %j', (first, second, consequence) =>
  expect(findingsOf(dependsOnSuspended, two(first, second))).toEqual([
    `flux-system/second.yaml:1 depends on Kustomization flux-system/first, which is suspended: ${consequence}`,
  ]),
);

test.each([
  [{}, {}],
  [{ suspend: false }, {}],
  [{ suspend: true }, { suspend: true }],
  [{ suspend: true }, { dependsOn: [{ name: 'first', readyExpr: 'true' }] }],
  [{ suspend: true }, { dependsOn: [] }],
])('%j and %j', (first, second) => expect(findingsOf(dependsOnSuspended, two(first, second))).toEqual([]));

test('a release that depends on a suspended one', () => {
  const releases = tree(release('{suspend: true}', 'a'), release('{dependsOn: [{name: a}]}', 'b'));
  expect(findingsOf(dependsOnSuspended, releases)).toEqual([
    'r.yaml:10 depends on HelmRelease a/a, which is suspended: on a cluster that does not have that release yet, this one is never installed',
  ]);
});

test('what is waited for', () => {
  const lines = (parent: Record<string, unknown>): string[] =>
    findingsOf(suspendedUnderWait, two({ suspend: true }, {}, parent));
  expect(lines({})).toEqual([]);
  expect(lines({ wait: true })).toEqual([
    'flux-system/first.yaml:1 is suspended, but Kustomization flux-system/flux-system waits for it: that one is never ready on a cluster where this one never was',
  ]);
  expect(lines({ healthChecks: [{ kind: 'Kustomization', name: 'first' }] })).toHaveLength(1);
  expect(lines({ healthChecks: [{ kind: 'Kustomization', name: 'second' }] })).toEqual([]);
});

test('a suspended release is current, although it is not installed', () => {
  const waiting = handTree([
    { name: 'flux-system', spec: { wait: true }, files: { 'r.yaml': release('{suspend: true}') } },
  ]);
  expect(findingsOf(suspendedUnderWait, waiting)).toEqual([
    'r.yaml:5 is suspended, but Kustomization flux-system/flux-system waits for it: that one is ready without it, and so starts what depends on it',
  ]);
});
