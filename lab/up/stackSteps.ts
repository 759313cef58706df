import type { StepSink, StepUpdate } from '../../tools/display/steps';
import { coreReleases } from '../../cluster/bootstrapOrder';
import type { UpEvent } from './engineEvents';

/** Turns the events of one `pulumi up` into steps of the display. */
export interface StackSteps {
  event: (event: UpEvent) => void;
  /** The run has ended; after a failure, `log` is the file with its output. */
  end: (failure?: { log: string }) => void;
}

/** Where steps, and lines that stay, are displayed. */
export interface StepDisplay {
  step: StepSink;
  progress: (line: string) => void;
}

interface Phase {
  name: string;
  /** The resources that the phase consists of; none: everything before the next phase. */
  type?: string;
  /** Number of resources of that type. */
  total: number;
}

const phases: readonly Phase[] = [
  { name: 'Talos', total: 0 },
  { name: 'CRDs', type: 'platform:index:CustomResourceDefinitions', total: 1 },
  { name: 'core', type: 'platform:index:BootstrapRelease', total: coreReleases.length },
  { name: 'handover', type: 'platform:index:Handover', total: 1 },
];

/** Id and label of a step of a cluster. */
export function clusterStep(cluster: string, name: string): Pick<StepUpdate, 'id' | 'label'> {
  return { id: `${cluster}/${name}`, label: `${cluster} ${name}` };
}

/** The steps that a cluster is expected to take. */
export function plannedSteps(cluster: string): StepUpdate[] {
  return ['preflight', ...phases.map(({ name }) => name), 'second up'].map((name) => ({
    ...clusterStep(cluster, name),
    state: 'waiting',
  }));
}

/** The first `up` of a cluster: a step per phase. */
export function firstUpSteps(cluster: string, display: StepDisplay): StackSteps {
  const finished = phases.map(() => 0);
  let current = -1;
  let mostWaiting = 0;
  const update = (phase: number, change: Omit<StepUpdate, 'id'>): void =>
    display.step({ ...clusterStep(cluster, phases[phase]?.name ?? ''), ...change });
  const enter = (phase: number): void => {
    if (phase <= current) return;
    if (current >= 0) finish(current);
    current = phase;
    const total = phases[phase]?.total ?? 0;
    update(phase, { state: 'running', amount: total > 1 ? { done: 0, total, unit: 'items' } : undefined });
  };
  const finish = (phase: number): void => {
    const done = finished[phase] ?? 0;
    const { total = 0 } = phases[phase] ?? {};
    const [most, of] = total > 1 ? [done, total] : [mostWaiting, mostWaiting];
    update(phase, { state: 'done', detail: of > 0 ? `${most} of ${of}` : undefined });
  };
  const name = (urn: string): string => nameOf(urn, cluster);
  const report = reporter(cluster, display);
  enter(0);
  return {
    event(event) {
      const { resourcePreEvent: pre, resOutputsEvent: outputs, diagnosticEvent: diagnostic } = event;
      if (pre !== undefined) {
        const phase = phaseOf(pre.metadata.urn);
        enter(phase);
        if (phase === current && pre.metadata.op !== 'same') update(phase, { detail: name(pre.metadata.urn) });
      }
      if (outputs !== undefined) {
        const phase = phaseOf(outputs.metadata.urn);
        const { total = 0 } = phases[phase] ?? {};
        finished[phase] = (finished[phase] ?? 0) + 1;
        const done = finished[phase] ?? 0;
        if (total > 1 && phase === current) update(phase, { amount: { done, total, unit: 'items' } });
      }
      if (diagnostic?.urn !== undefined && diagnostic.severity === 'info') {
        const phase = phaseOf(diagnostic.urn);
        if (phase !== current) return;
        const waiting = waitingObjects(diagnostic.message);
        if (waiting === undefined) {
          update(phase, {
            detail: (phases[phase]?.total === 1 ? '' : `${name(diagnostic.urn)}: `) + diagnostic.message,
          });
        } else if (waiting > 0) {
          mostWaiting = Math.max(mostWaiting, waiting);
          update(phase, { amount: { done: mostWaiting - waiting, total: mostWaiting, unit: 'items' } });
        }
      }
      report(event);
    },
    end(failure) {
      if (failure === undefined) finish(current);
      else update(current, { state: 'failed', detail: `log: ${failure.log}` });
    },
  };
}

/** The second `up` of a cluster: one step. */
export function secondUpSteps(cluster: string, display: StepDisplay): StackSteps {
  const step = clusterStep(cluster, 'second up');
  const report = reporter(cluster, display);
  display.step({ ...step, state: 'running' });
  return {
    event(event) {
      const urn = event.resourcePreEvent?.metadata.urn;
      if (urn !== undefined) display.step({ ...step, detail: nameOf(urn, cluster) });
      report(event);
    },
    end: (failure) =>
      display.step(
        failure === undefined
          ? { ...step, state: 'done' }
          : { ...step, state: 'failed', detail: `log: ${failure.log}` },
      ),
  };
}

/** Prints each warning and error once, by its first line; the rest is in the log and in the error of the run. */
function reporter(cluster: string, { progress }: StepDisplay): (event: UpEvent) => void {
  const printed = new Set<string>();
  return ({ diagnosticEvent }) => {
    if (diagnosticEvent === undefined || !/^(warning|error)$/.test(diagnosticEvent.severity)) return;
    const [first = ''] = diagnosticEvent.message.trim().split('\n');
    const line = `${cluster}: ${diagnosticEvent.severity}: ${first}`;
    // The plugins are from PATH on purpose.
    if (first === '' || first.includes('from $PATH at') || printed.has(line)) return;
    printed.add(line);
    progress(line);
  };
}

/**
 * Number of objects in the handover's message that lists them all, which it sends whenever the list changes. 0 if the
 * message says that they could not be read, undefined for any other message.
 */
function waitingObjects(message: string): number | undefined {
  const [, count, names] = /^waiting for (\d+): (.*)/.exec(message.trim()) ?? [];
  if (count === undefined) return undefined;
  return names === 'Kubernetes API' ? 0 : Number(count);
}

function phaseOf(urn: string): number {
  return Math.max(
    0,
    phases.findIndex(({ type }) => type === typeOf(urn)),
  );
}

/** Type of the resource: the last one of the chain of parents in `urn:pulumi:stack::project::parent$type::name`. */
function typeOf(urn: string): string {
  return urn.split('::')[2]?.split('$').at(-1) ?? '';
}

/** Short name for people: `BootstrapRelease cilium`. */
function nameOf(urn: string, cluster: string): string {
  const name = urn.split('::').at(-1) ?? '';
  const own = name.startsWith(`${cluster}-`) ? name.slice(cluster.length + 1) : name;
  return [typeOf(urn).split(':').at(-1) ?? '', own === cluster ? '' : own].join(' ').trim();
}
