import type { ObjectEvent, Recording } from '../../../bench/lab/recording';
import { renderSvg } from '../../../bench/lab/svg';
import { buildTimeline } from '../../../bench/lab/timeline';

const start = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number): number => start + seconds * 1000;
const line = (seconds: number, text: string) => ({ at: at(seconds), text });
const resource = (id: string, started: number, created: number, ...dependsOn: string[]) => ({
  id,
  started: at(started),
  created: at(created),
  dependsOn,
});
const object = (kind: string, id: string, seconds: number, state: ObjectEvent['state'], rest = {}): ObjectEvent => ({
  ...{ kind, id, at: at(seconds), state, created: at(Math.floor(seconds)) },
  ...rest,
});

const crds = 'platform:index:CustomResourceDefinitions one';
const release = 'platform:index:BootstrapRelease one-flux';
const machine = 'platform:index:MachineConfiguration one-01';
const waits = { dependsOn: ['flux-system/a'], created: at(31), message: "dependency 'flux-system/a' is not ready" };

/** A lab of one watched cluster and one more. */
function recording(): Recording {
  return {
    format: 1,
    source: 'live',
    startedAt: start,
    endedAt: at(100),
    machine: { cores: 2, cpu: 'test', node: 'v20' },
    clusters: { one: ['one-01'], two: ['two-01'] },
    lines: [
      line(2, 'Git: published the checkout'),
      line(4, 'git HTTP ready after 2.0 s'),
      line(5, 'agent-two lab ready after 1.0 s'),
      line(6, '1Password (stand-in): filled 1 item(s)'),
      line(8, 'one: preflight: 3 checks passed'),
      line(9, 'two: preflight: 3 checks passed'),
    ],
    updates: {
      one: [
        { start: at(10), end: at(71) },
        { start: at(80), end: at(90) },
      ],
      two: [],
    },
    resources: {
      one: [
        resource('pulumi:providers:kubernetes one', 11, 11),
        resource(machine, 12, 15),
        resource(crds, 15, 20, machine),
        resource(release, 20, 30, crds),
        resource('platform:index:Handover one', 30, 70, release),
      ],
      two: [],
    },
    objects: {
      one: [
        object('Node', 'one-01', 16, 'created'),
        object('Node', 'one-01', 18, 'ready'),
        object('CustomResourceDefinition', 'crd.example.org', 17, 'created'),
        object('Kustomization', 'flux-system/a', 31, 'created'),
        object('Kustomization', 'flux-system/a', 32, 'progressing'),
        object('Kustomization', 'flux-system/b', 31.5, 'waiting', waits),
        object('Kustomization', 'flux-system/a', 50, 'ready'),
        object('Kustomization', 'flux-system/b', 55, 'progressing', waits),
        object('Kustomization', 'flux-system/b', 65, 'ready', waits),
      ],
      two: [],
    },
    processes: [
      { name: 'kube-apiserver', cluster: 'one', start: at(14), processes: 1, cpuSeconds: 30 },
      // Ended just before the program started, but held nothing.
      { name: 'git', start: at(2), end: at(11.5), processes: 1, cpuSeconds: 10 },
    ],
    load: [
      { at: at(0), busySeconds: 0, lab: { shared: 0, one: 0 } },
      { at: at(50), busySeconds: 100, lab: { shared: 10, one: 20 } },
      { at: at(100), busySeconds: 110, lab: { shared: 10, one: 30 } },
    ],
    sampler: { cpuSeconds: 1, samples: 3, intervalMilliseconds: 500 },
  };
}

const own = () => buildTimeline(recording()).clusters['one'];

test('the critical path goes from the end of the second up to the start, without gaps', () => {
  expect(own()?.criticalPath.map(({ label, from, to, waited }) => [label, from, to, waited])).toEqual([
    ['checks, tools, Git', 0, 2, 0],
    ['git', 2, 4, 0],
    ['agent-two', 4, 5, 0],
    ['vault filled', 5, 6, 0],
    ['preflight of two', 6, 9, 0],
    ['first up: engine and program start', 9, 12, 1],
    ['MachineConfiguration one-01', 12, 15, 0],
    ['CustomResourceDefinitions one', 15, 20, 0],
    ['flux', 20, 30, 0],
    ['a', 30, 50, 2],
    ['b', 50, 65, 5],
    ['Handover one', 65, 70, 0],
    ['first up: ends', 70, 71, 0],
    ['second up', 71, 90, 9],
  ]);
});

test('phases are adjacent and have the load of the machine', () => {
  const phases = own()?.phases ?? [];
  expect(phases.map(({ name, to }) => [name, to])).toEqual([
    ['checks, tools, Git', 2],
    ['processes', 5],
    ['vault', 6],
    ['preflight', 8],
    ['program start', 12],
    ['machines', 15],
    ['CRDs', 20],
    ['core', 30],
    ['handover', 70],
    ['first up ends', 71],
    ['second up', 90],
  ]);
  expect(phases.every(({ from }, index) => from === (phases[index - 1]?.to ?? 0))).toBe(true);
  expect(phases.at(-3)?.load).toEqual({
    ...{ seconds: 40, busyCores: 1.1, allBusyShare: 0.5, labSeconds: 16, otherSeconds: 28 },
  });
});

test('what is read afterwards has no load, and a cluster that did nothing has no path', () => {
  const timeline = buildTimeline({ ...recording(), load: [] });
  expect(timeline.load).toBeUndefined();
  expect(timeline.cores).toEqual([]);
  expect(timeline.clusters['one']?.phases[0]).toEqual({ name: 'checks, tools, Git', from: 0, to: 2 });
  expect(timeline.clusters['two']).toMatchObject({ criticalPath: [] });
  expect(timeline.clusters['two']).not.toHaveProperty('handedOver');
});

test('the report: load, CPU by program, milestones, time in which each kind was worked on', () => {
  const { load, cpu, seconds, startedAt, clusters } = buildTimeline(recording());
  expect({ load, cpu, seconds, startedAt }).toEqual({
    load: { seconds: 100, busyCores: 1.1, allBusyShare: 0.5, labSeconds: 40, otherSeconds: 70 },
    cpu: [
      { name: 'kube-apiserver', cluster: 'one', processes: 1, cpuSeconds: 30, share: 0.75 },
      { name: 'git', processes: 1, cpuSeconds: 10, share: 0.25 },
    ],
    seconds: 100,
    startedAt: '2026-01-01T00:00:00.000Z',
  });
  expect(clusters['one']).toMatchObject({ handedOver: 70, secondUp: 90 });
  expect(clusters['one']?.worked).toEqual({
    ...{ step: 19, process: 3, machine: 6, resource: 3, crds: 5, release: 10, handover: 40, kustomization: 28 },
  });
});

test('a span says what it started after, and how long', () => {
  const spans = own()?.spans ?? [];
  const after = (id: string) => spans.find((span) => span.id === id)?.after;
  expect(after('Kustomization flux-system/b')).toEqual({ id: 'Kustomization flux-system/a', seconds: 5 });
  expect(after('second up')).toEqual({ id: 'first up', seconds: 9 });
  // Its dependency had not ended when it started.
  expect(after('machine one-01')).toBeUndefined();
});

test('machines and CRDs show their moments', () => {
  const spans = own()?.spans ?? [];
  expect(spans.find(({ kind }) => kind === 'machine')).toEqual({
    id: 'machine one-01',
    kind: 'machine',
    label: 'one-01',
    start: 12,
    end: 18,
    dependsOn: [machine],
    marks: [{ at: 16, label: 'joined' }],
  });
  expect(spans.find(({ kind }) => kind === 'crds')?.marks).toEqual([{ at: 17, label: 'crd.example.org' }]);
  expect(spans.find(({ id }) => id === 'program kube-apiserver')).toEqual({
    id: 'program kube-apiserver',
    kind: 'process',
    label: 'kube-apiserver',
    start: 14,
    dependsOn: [],
    cpuSeconds: 30,
  });
});

test('the image is the same for the same input, 1000 pixels wide, and well-formed', () => {
  const svg = renderSvg(buildTimeline(recording()), 'one');
  expect(renderSvg(buildTimeline(recording()), 'one')).toBe(svg);
  expect(svg).toMatch(/^<svg [^>]*width="1000" height="\d+" viewBox="0 0 1000 \d+"/);
  const open: string[] = [];
  for (const [, closing, name = '', selfClosing] of svg.matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (closing === '/') expect(open.pop()).toBe(name);
    else if (selfClosing === '') open.push(name);
  }
  expect(open).toEqual([]);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});

test('the image says what the timeline does', () => {
  const svg = renderSvg(buildTimeline(recording()), 'one');
  const texts = [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
  expect(texts).toContain('Cluster one of 2: handed over at 70 s, second up clean at 90 s, lab up took 100 s; 2 cores');
  expect(texts).toContain('Busy cores of 2, all busy 50 % of the time');
  expect(texts).toContain('▸ b');
  expect(texts).toContain('10 s, 5 s after a');
  expect(texts).toContain('30 CPU s');
});

test('text is escaped', () => {
  const hostile = recording();
  hostile.objects['one']?.push(object('Kustomization', 'x/<b>&"\u0007', 40, 'ready'));
  const svg = renderSvg(buildTimeline(hostile), 'one');
  expect(svg).toContain('>x/&lt;b&gt;&amp;&quot; <');
  expect(svg).not.toContain('<b>');
});

test('a cluster that the timeline does not have is refused', () => {
  expect(() => renderSvg(buildTimeline(recording()), 'three')).toThrow('found no cluster "three"');
});
