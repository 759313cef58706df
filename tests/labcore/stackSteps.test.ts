import type { UpEvent } from '../../lab/up/engineEvents';
import { firstUpSteps, plannedSteps, secondUpSteps, type StackSteps } from '../../lab/up/stackSteps';
import { changeLine, statusLine } from '../../provider/resources/handover';
import { applyUpdate, emptyView, type View } from '../../tools/display/steps';

const urn = (type: string, name: string): string => `urn:pulumi:infra::k8s-gitops::a:b:Parent$${type}::${name}`;
const release = (name: string): string => urn('platform:index:BootstrapRelease', `infra-${name}`);
const crds = urn('platform:index:CustomResourceDefinitions', 'infra');
const handover = urn('platform:index:Handover', 'infra');
const releases = ['cilium', 'coredns', 'spegel', 'cert-manager', 'external-secrets', 'flux-operator', 'flux-instance'];

// The parts of real events that the lab reads; `event` fills in what Pulumi's types demand.
const event = (content: object): UpEvent => content;
const starts = (of: string, op = 'create'): UpEvent => event({ resourcePreEvent: { metadata: { op, urn: of } } });
const ends = (of: string): UpEvent => event({ resOutputsEvent: { metadata: { op: 'create', urn: of } } });
const says = (of: string | undefined, message: string, severity = 'info'): UpEvent =>
  event({ diagnosticEvent: { urn: of, message: `${message}\n`, severity } });

/** The steps after events, with what was printed. */
function run(start: typeof firstUpSteps, act: (steps: StackSteps) => void): { view: View; lines: string[] } {
  let view = plannedSteps('infra').reduce((before, update) => applyUpdate(before, update, 0), emptyView('lab up', 0));
  const lines: string[] = [];
  const step = (update: Parameters<typeof applyUpdate>[1]): void => void (view = applyUpdate(view, update, 0));
  act(start('infra', { step, progress: (line) => lines.push(line) }));
  return { view, lines };
}
const summary = ({ view }: { view: View }): string[] =>
  view.steps.map(({ label, state, detail, amount }) =>
    [label, state, amount && `${amount.done}/${amount.total}`, detail.trim()].filter(Boolean).join(' | '),
  );

test('a phase starts with its first resource and ends the one before', () => {
  const talos = urn('platform:index:EtcdBootstrap', 'infra');
  const result = run(firstUpSteps, (steps) => {
    [starts(talos), says(talos, 'node 10.0.0.1: is still in maintenance mode')].forEach(steps.event);
  });
  expect(summary(result)).toEqual([
    'infra preflight | waiting',
    'infra Talos | running | EtcdBootstrap: node 10.0.0.1: is still in maintenance mode',
    'infra CRDs | waiting',
    'infra core | waiting',
    'infra handover | waiting',
    'infra second up | waiting',
  ]);
  const later = run(firstUpSteps, (steps) => {
    [starts(talos), ends(talos), starts(crds), says(crds, 'applied 10 of 63'), ends(crds)].forEach(steps.event);
    [starts(release('cilium')), ends(release('cilium')), starts(release('coredns'))].forEach(steps.event);
    // A resource of an earlier phase does not go back to it.
    steps.event(starts(urn('platform:index:OnePasswordItem', 'infra-kubeconfig')));
    steps.event(says(release('coredns'), 'installing 1.45.0 (3 s)'));
  });
  expect(summary(later)).toEqual([
    'infra preflight | waiting',
    'infra Talos | done',
    'infra CRDs | done',
    'infra core | running | 1/7 | BootstrapRelease coredns: installing 1.45.0 (3 s)',
    'infra handover | waiting',
    'infra second up | waiting',
  ]);
});

test("the provider's messages say how much of the handover is done and what it waits for", () => {
  const objects = (count: number): { what: string; why: string }[] =>
    Array.from({ length: count }, (_, at) => ({ what: `Kustomization k${at}`, why: 'Reconciliation in progress' }));
  const report = (count: number): UpEvent[] => [
    says(handover, changeLine(objects(count))),
    says(handover, statusLine(objects(count))),
  ];
  const unreachable = [{ what: 'Kubernetes API', why: 'connection refused' }];
  const at = (...events: UpEvent[]): string | undefined =>
    summary(run(firstUpSteps, (steps) => [starts(handover), ...events].forEach(steps.event)))[4];
  expect(at()).toBe('infra handover | running | Handover');
  const first = at(...report(37));
  expect(first).toBe(
    'infra handover | running | 0/37 | waiting for Kustomization k0: Reconciliation in progress (and 36 more)',
  );
  expect(at(...report(37), ...report(12))).toMatch(/^infra handover \| running \| 25\/37 \| .*\(and 11 more\)$/);
  // An API server that is not reachable does not mean that everything else is ready.
  expect(at(...report(37), says(handover, changeLine(unreachable)), says(handover, statusLine(unreachable)))).toBe(
    'infra handover | running | 0/37 | waiting for Kubernetes API: connection refused',
  );
});

test('at the end the last phase is done, and phases without resources never were', () => {
  const all = run(firstUpSteps, (steps) => {
    [starts(crds), ends(crds), ...releases.flatMap((name) => [starts(release(name)), ends(release(name))])].forEach(
      steps.event,
    );
    [starts(handover), says(handover, 'waiting for 37: a, b'), ends(handover)].forEach(steps.event);
    steps.end();
  });
  expect(summary(all).slice(1, 5)).toEqual([
    'infra Talos | done',
    'infra CRDs | done',
    'infra core | done | 7/7 | 7 of 7',
    'infra handover | done | 0/37 | 37 of 37',
  ]);
  const nothing = run(firstUpSteps, (steps) => steps.end());
  expect(summary(nothing).slice(1, 3)).toEqual(['infra Talos | done', 'infra CRDs | waiting']);
});

test('a failure belongs to the running phase and names the log', () => {
  const result = run(firstUpSteps, (steps) => {
    [starts(crds), says(crds, 'applied 10 of 63')].forEach(steps.event);
    steps.end({ log: '.lab/logs/pulumi-infra.log' });
  });
  expect(summary(result).slice(1, 4)).toEqual([
    'infra Talos | done',
    'infra CRDs | failed | log: .lab/logs/pulumi-infra.log',
    'infra core | waiting',
  ]);
});

test('warnings and errors are printed once, by their first line', () => {
  const { lines } = run(firstUpSteps, (steps) => {
    const other = urn('cloudflare:index:ZoneSetting', 'infra-ssl');
    steps.event(says(undefined, 'using pulumi-language-nodejs from $PATH at /x', 'warning'));
    for (const resource of [crds, other]) steps.event(says(resource, 'cannot be destroyed\nsecond line', 'warning'));
    steps.event(says(undefined, 'Registering resource', 'debug'));
    steps.event(says(crds, 'no such chart', 'error'));
  });
  expect(lines).toEqual(['infra: warning: cannot be destroyed', 'infra: error: no such chart']);
});

test('the second up is one step', () => {
  const running = run(secondUpSteps, (steps) => steps.event(starts(release('cilium'), 'same')));
  expect(summary(running)).toEqual([
    'infra preflight | waiting',
    'infra Talos | waiting',
    'infra CRDs | waiting',
    'infra core | waiting',
    'infra handover | waiting',
    'infra second up | running | BootstrapRelease cilium',
  ]);
  expect(summary(run(secondUpSteps, (steps) => steps.end()))[5]).toBe('infra second up | done');
  expect(summary(run(secondUpSteps, (steps) => steps.end({ log: 'x.log' })))[5]).toBe(
    'infra second up | failed | log: x.log',
  );
});
