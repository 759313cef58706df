import type { LabSteps } from './labLines';
import { objectSpans } from './objectSpans';
import type { Recording } from './recording';
import type { SpanKind, TimelineSpan } from './timelineSpan';

/** The spans of one cluster. */
export interface ClusterSpans {
  spans: TimelineSpan[];
  /** The span whose end is the end of the critical path. */
  last?: string;
  /** Ends of the phases, in order. */
  milestones: [name: string, end: number | undefined][];
}

const crdType = 'platform:index:CustomResourceDefinitions';
const releaseType = 'platform:index:BootstrapRelease';
const handoverType = 'platform:index:Handover';
const machineType = 'platform:index:MachineConfiguration';

/** Everything that happened for a cluster, with the steps that serve all clusters. */
export function clusterSpans(
  recording: Recording,
  steps: LabSteps,
  cluster: string,
  since: (at: number) => number,
): ClusterSpans {
  const { source } = recording;
  const lab = labSpans(recording, steps, cluster, since);
  const [first, second] = (recording.updates[cluster] ?? []).map(({ start, end }) => {
    return { start: since(start), end: since(end) };
  });
  const resources = resourceSpans(recording, cluster, since, first?.start ?? 0);
  const firstStart = Math.min(...resources.map(({ start }) => start));
  const program: TimelineSpan[] =
    resources.length === 0
      ? []
      : [
          {
            id: 'program',
            kind: 'step',
            label: 'first up: engine and program start',
            start: first?.start ?? firstStart,
            end: firstStart,
            // Not on the lifetime of programs.
            dependsOn: lab.filter(({ cpuSeconds }) => cpuSeconds === undefined).map(({ id }) => id),
          },
        ];
  const release = resources.filter(({ kind }) => kind === 'release').at(-1);
  const objects = objectSpans(recording.objects[cluster] ?? [], since, release?.id);
  const handover = resources.find(({ kind }) => kind === 'handover');
  if (handover !== undefined) {
    const kustomizations = objects.filter(({ kind }) => kind === 'kustomization');
    handover.dependsOn = [...handover.dependsOn, ...kustomizations.map(({ id }) => id)];
  }
  const crds = resources.find(({ kind }) => kind === 'crds');
  if (crds !== undefined) {
    const created = (recording.objects[cluster] ?? []).filter(({ kind }) => kind === 'CustomResourceDefinition');
    crds.marks = created.map(({ id, at, created: to }) => ({ at: since(source === 'live' ? at : to), label: id }));
  }
  const machines = machineSpans(recording, cluster, since, resources);
  const lastResource = Math.max(...resources.map(({ end = 0 }) => end));
  const updates: TimelineSpan[] = [];
  if (first !== undefined && resources.length > 0) {
    updates.push({
      id: 'first up',
      kind: 'step',
      label: 'first up: ends',
      start: Math.min(lastResource, first.end),
      // Pulumi's history is to the second.
      end: Math.max(lastResource, first.end),
      dependsOn: resources.map(({ id }) => id),
    });
  }
  if (second !== undefined) {
    updates.push({ id: 'second up', kind: 'step', label: 'second up', ...second, dependsOn: ['first up'] });
  }
  const spans = [...lab, ...program, ...machines, ...resources, ...objects, ...updates];
  const endOf = (id: string): number | undefined => spans.find((span) => span.id === id)?.end;
  const processes = lab.filter(({ id, end }) => id.startsWith('ready ') && end !== undefined);
  const releases = resources.filter(({ kind }) => kind === 'release');
  return {
    spans,
    last: updates.at(-1)?.id ?? handover?.id,
    milestones: [
      ['checks, tools, Git', endOf('prepare')],
      ['processes', processes.length === 0 ? undefined : Math.max(...processes.map(({ end = 0 }) => end))],
      ['vault', endOf('vault')],
      ['preflight', endOf('preflight')],
      ['program start', endOf('program')],
      ['machines', crds?.start],
      ['CRDs', crds?.end],
      ['core', releases.length === 0 ? undefined : Math.max(...releases.map(({ end = 0 }) => end))],
      ['handover', handover?.end],
      ['first up ends', endOf('first up')],
      ['second up', endOf('second up')],
    ],
  };
}

/** Steps of `lab up` and its processes. */
function labSpans(
  recording: Recording,
  steps: LabSteps,
  cluster: string,
  since: (at: number) => number,
): TimelineSpan[] {
  const spans: TimelineSpan[] = [];
  const published = steps.published === undefined ? undefined : since(steps.published);
  if (published !== undefined) {
    spans.push({ id: 'prepare', kind: 'step', label: 'checks, tools, Git', start: 0, end: published, dependsOn: [] });
  }
  for (const { name, start, end } of steps.tools) {
    spans.push({ id: `tool ${name}`, kind: 'tool', label: name, start: since(start), end: since(end), dependsOn: [] });
  }
  const [prepare] = spans;
  if (prepare !== undefined) prepare.dependsOn = spans.filter(({ kind }) => kind === 'tool').map(({ id }) => id);
  const ready = steps.processes.map(({ name, start, ready: end }): TimelineSpan => {
    // The executor starts processes in waves: whatever was ready before this one started may have held it.
    const before = steps.processes.filter((other) => other.ready <= start + waveMilliseconds);
    const dependsOn = [...before.map((other) => `ready ${other.name}`), 'prepare'];
    const span = { id: `ready ${name}`, kind: 'process' as const, label: name, dependsOn };
    return { ...span, start: since(start), end: since(end) };
  });
  spans.push(...ready, ...processSpans(recording, cluster, since));
  const processesReady = Math.max(0, ...ready.map(({ end = 0 }) => end));
  if (steps.filled !== undefined) {
    const dependsOn = ready.map(({ id }) => id);
    const end = since(steps.filled);
    spans.push({ id: 'vault', kind: 'step', label: 'vault filled', start: processesReady, end, dependsOn });
  }
  const vault = spans.find(({ id }) => id === 'vault')?.end ?? processesReady;
  // All stacks wait for each other's preflight.
  for (const [name, at] of Object.entries(steps.preflight)) {
    const id = name === cluster ? 'preflight' : `preflight ${name}`;
    const label = name === cluster ? 'preflight' : `preflight of ${name}`;
    spans.push({ id, kind: 'step', label, start: vault, end: since(at), dependsOn: ['vault', 'prepare'] });
  }
  return spans;
}

// The executor looks whether a process has exited before it probes: see `sleep` in lab/executor/startProcess.ts.
const waveMilliseconds = 60;

/** Programs that were seen running: their lifetime and CPU. Nothing depends on them. */
function processSpans(recording: Recording, cluster: string, since: (at: number) => number): TimelineSpan[] {
  return recording.processes
    .filter((one) => one.cluster === cluster || one.cluster === undefined)
    .map(({ name, cluster: of, start, end, cpuSeconds }) => ({
      id: `program ${name}${of === undefined ? ' (shared)' : ''}`,
      kind: 'process',
      label: of === undefined ? `${name} (shared)` : name,
      start: since(start),
      ...(end !== undefined && { end: since(end) }),
      dependsOn: [],
      cpuSeconds,
    }));
}

function resourceSpans(
  recording: Recording,
  cluster: string,
  since: (at: number) => number,
  upStart: number,
): TimelineSpan[] {
  const records = recording.resources[cluster] ?? [];
  const ends = new Map(records.map(({ id, created }) => [id, created]));
  return records
    .filter(({ id }) => !id.startsWith('pulumi:providers:'))
    .map(({ id, started, created, dependsOn }) => {
      const [type = '', name = ''] = id.split(' ');
      // Unknown after the fact: not before what it depends on.
      const earliest = Math.max(...dependsOn.map((one) => ends.get(one) ?? 0));
      const start = since(started ?? (earliest > 0 ? Math.min(earliest, created) : created));
      const short = name.replace(`${cluster}-`, '');
      const label = `${type.split(':').at(-1)} ${type === machineType ? name : short}`;
      return {
        id,
        kind: kindOf(type),
        label: type === releaseType ? short : label,
        start: Math.max(start, upStart),
        end: since(created),
        dependsOn: [...dependsOn, 'program'],
      };
    });
}

function kindOf(type: string): SpanKind {
  if (type === crdType) return 'crds';
  if (type === releaseType) return 'release';
  return type === handoverType ? 'handover' : 'resource';
}

/** From the moment in which a machine had its configuration to when its node was ready. */
function machineSpans(
  recording: Recording,
  cluster: string,
  since: (at: number) => number,
  resources: readonly TimelineSpan[],
): TimelineSpan[] {
  return (recording.clusters[cluster] ?? []).flatMap((node) => {
    const configured = resources.find(({ id }) => id === `${machineType} ${node}`);
    const events = (recording.objects[cluster] ?? []).filter(({ kind, id }) => kind === 'Node' && id === node);
    const joined = events[0];
    if (configured === undefined || joined === undefined) return [];
    const ready = events.find(({ state }) => state === 'ready');
    return [
      {
        id: `machine ${node}`,
        kind: 'machine' as const,
        label: node,
        start: configured.start,
        ...(ready !== undefined && { end: since(ready.at) }),
        dependsOn: [configured.id],
        marks: [{ at: since(joined.at), label: 'joined' }],
      },
    ];
  });
}
