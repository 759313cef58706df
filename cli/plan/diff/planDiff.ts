import { isDeepStrictEqual } from 'node:util';
import { parseImage } from '../../../cluster/rollout/configurationImages';
import { configurationChanges, describeChanges } from '../../../cluster/rollout/configurationChanges';
import type { ChangeEffect } from '../../../cluster/rollout/changeEffect';
import { systemChange, systemDiffers } from '../../../cluster/rollout/talosUpgrade';
import type { ClusterDiff, ValueChange } from '../../../gitops/diff/changes';
import { diffTrees } from '../../../gitops/diff/diffTrees';
import { diffValues } from '../../../gitops/diff/diffValues';
import type { Tree } from '../../../gitops/tree';
import type { ComparablePlan, PlannedMachine, PlannedRelease, PlannedResource } from '../stackPlan';

/** What a change of a stack leads to. Everything in it can be shown. */
export interface PlanDiff {
  stack: string;
  /** Whether the stack itself is new or gone. */
  change: 'added' | 'removed' | 'changed';
  /** In the order in which they are changed; without those that nothing happens to. */
  machines: MachineDiff[];
  /** `v1.34.0 → v1.34.1`: live, component by component; absent if it stays. */
  kubernetes?: string;
  /** Releases of the core. Flux rolls them out; `up` only installs what is absent. */
  releases: ReleaseDiff[];
  /** Resources of the program, in the order in which they are changed. */
  resources: ResourceDiff[];
  /** What Flux changes in the cluster; absent if nothing. */
  flux?: ClusterDiff;
}

/** What happens to a machine. */
export interface MachineDiff {
  name: string;
  change: 'added' | 'removed' | 'changed';
  role: string;
  /** The changed machines that are finished before this one. */
  after: string[];
  /** `Talos v1.11.2 → v1.11.3`, `schematic … → …`: an upgrade, which reboots it; absent if it stays. */
  upgrade?: string;
  /** Whether a changed field reboots it. */
  reboots: boolean;
  fields: FieldDiff[];
  /** Why Talos would refuse the new configuration. */
  refused?: string;
}

/** A changed field of a machine's configuration. */
export interface FieldDiff {
  /** `machine.sysctls.vm.swappiness: "1" → "10" (live)`, secrets masked. */
  text: string;
  /** `kubernetes`: an image that the upgrade of Kubernetes changes. */
  effect: ChangeEffect | 'kubernetes';
}

/** A changed release of the core. */
export interface ReleaseDiff {
  name: string;
  change: 'added' | 'removed' | 'changed';
  chart?: string;
  version?: string;
  values: ValueChange[];
}

/** A changed resource of the program. */
export interface ResourceDiff {
  id: string;
  change: 'added' | 'removed' | 'changed';
  /** Names of the inputs that differ. */
  inputs: string[];
}

/**
 * Compares two plans of a stack; undefined if nothing differs. Undefined for a plan means that there is no such stack.
 * @param updates whether a change of an input of a type updates its resource
 */
export function planDiff(
  before: ComparablePlan | undefined,
  after: ComparablePlan | undefined,
  updates: (type: string, input: string) => boolean,
): PlanDiff | undefined {
  const stack = (after ?? before)?.plan.stack ?? '';
  const [old, now] = [before?.plan, after?.plan];
  const [flux] = diffTrees(treeOf(before), treeOf(after));
  const kubernetes = changed(old?.versions.kubernetes, now?.versions.kubernetes);
  const diff: PlanDiff = {
    stack,
    change: before === undefined ? 'added' : after === undefined ? 'removed' : 'changed',
    machines: machineDiffs(before, after),
    ...(kubernetes !== undefined && { kubernetes }),
    releases: releaseDiffs(old?.core.flat() ?? [], now?.core.flat() ?? []),
    resources: resourceDiffs(
      old?.resources ?? [],
      now?.resources ?? [],
      configurationsThatDiffer(before, after),
      updates,
    ),
    ...(flux !== undefined && { flux }),
  };
  const isNothing =
    diff.change === 'changed' &&
    [diff.machines, diff.releases, diff.resources].every((list) => list.length === 0) &&
    kubernetes === undefined &&
    flux === undefined;
  return isNothing ? undefined : diff;
}

/** `a → b` of two texts that differ; undefined if they do not, or one is missing. */
function changed(before: string | undefined, after: string | undefined): string | undefined {
  return before === undefined || after === undefined || before === after ? undefined : `${before} → ${after}`;
}

/** A cluster as the comparison of trees takes it. Nothing in it is encrypted, so that no file is read. */
function treeOf(plan: ComparablePlan | undefined): Tree {
  const clusters = plan === undefined ? [] : [plan.cluster];
  return { root: '', clusters, stacks: [], files: [], read: () => undefined, exists: () => false };
}

function changeOf(before: unknown, after: unknown): 'added' | 'removed' | 'changed' {
  return before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
}

function machineDiffs(before: ComparablePlan | undefined, after: ComparablePlan | undefined): MachineDiff[] {
  const [old, now] = [before?.plan.machines ?? [], after?.plan.machines ?? []];
  const gone = old.filter(({ name }) => !now.some((machine) => machine.name === name));
  const found = [...now, ...gone].flatMap(({ name }) => {
    const [left, right] = [old, now].map((machines) => machines.find((machine) => machine.name === name));
    const texts = [before, after].map((plan) => plan?.configurations.get(name) ?? '');
    return machineDiff(name, left, right, [texts[0] ?? '', texts[1] ?? '']) ?? [];
  });
  const names = new Set(found.map((machine) => machine.name));
  const afterAll = (machine: MachineDiff): string[] => lastChanged(machine.name, now, names);
  return found.map((machine) => ({ ...machine, after: afterAll(machine) }));
}

/** The machines before this one, past those that nothing happens to. */
function lastChanged(name: string, machines: readonly PlannedMachine[], changedNames: ReadonlySet<string>): string[] {
  const before = machines.find((machine) => machine.name === name)?.after ?? [];
  return [
    ...new Set(
      before.flatMap((other) => (changedNames.has(other) ? [other] : lastChanged(other, machines, changedNames))),
    ),
  ];
}

function machineDiff(
  name: string,
  before: PlannedMachine | undefined,
  after: PlannedMachine | undefined,
  [oldText, newText]: [string, string],
): MachineDiff | undefined {
  const role = (after ?? before)?.role ?? '';
  const base = { name, role, after: [], change: changeOf(before, after), reboots: false, fields: [] };
  const refused = after?.refused === undefined ? {} : { refused: after.refused };
  if (before === undefined || after === undefined) return { ...base, ...refused };
  if (before.refused !== undefined || after.refused !== undefined) {
    return oldText === newText && before.refused === after.refused ? undefined : { ...base, ...refused };
  }
  const changes = configurationChanges(oldText, newText);
  const texts = describeChanges(oldText, newText, changes);
  const fields = changes.map((change, index): FieldDiff => {
    const text = texts[index] ?? '';
    if (!isComponentImage(change.path, change.before, change.after)) return { text, effect: change.effect };
    return { text: text.replace(/ \([^(]*\)$/, ' (with the upgrade of Kubernetes)'), effect: 'kubernetes' };
  });
  const [oldSystem, newSystem] = [before.system, after.system];
  const upgrade = systemDiffers(oldSystem, newSystem) ? { upgrade: systemChange(oldSystem, newSystem) } : {};
  if (fields.length === 0 && !('upgrade' in upgrade)) return undefined;
  return { ...base, ...upgrade, reboots: fields.some(({ effect }) => effect === 'reboot'), fields };
}

/** Whether a field is the image of a component of Kubernetes, of which only the version changes. */
function isComponentImage(path: readonly string[], before: unknown, after: unknown): boolean {
  const isImage = /^(cluster\.\w+|machine\.kubelet)\.image$/.test(path.join('.'));
  if (!isImage || typeof before !== 'string' || typeof after !== 'string') return false;
  const [old, now] = [parseImage(before), parseImage(after)];
  return old !== undefined && old.repository === now?.repository && old.suffix === now.suffix;
}

function configurationsThatDiffer(before: ComparablePlan | undefined, after: ComparablePlan | undefined): Set<string> {
  const names = [...(before?.configurations.keys() ?? [])];
  return new Set(names.filter((name) => before?.configurations.get(name) !== after?.configurations.get(name)));
}

function releaseDiffs(before: readonly PlannedRelease[], after: readonly PlannedRelease[]): ReleaseDiff[] {
  const names = [...new Set([...after, ...before].map(({ name }) => name))];
  return names.flatMap((name): ReleaseDiff[] => {
    const [old, now] = [before, after].map((releases) => releases.find((release) => release.name === name));
    if (old === undefined || now === undefined) return [{ name, change: changeOf(old, now), values: [] }];
    const [chart, version] = [changed(old.chart, now.chart), changed(old.version, now.version)];
    const values = diffValues(old.values, now.values);
    if (chart === undefined && version === undefined && values.length === 0) return [];
    return [
      {
        name,
        change: 'changed',
        ...(chart !== undefined && { chart }),
        ...(version !== undefined && { version }),
        values,
      },
    ];
  });
}

function resourceDiffs(
  before: readonly PlannedResource[],
  after: readonly PlannedResource[],
  configurations: ReadonlySet<string>,
  updates: (type: string, input: string) => boolean,
): ResourceDiff[] {
  const old = new Map(before.map((resource) => [resource.id, resource]));
  const now = new Set(after.map(({ id }) => id));
  const present = after.flatMap((resource): ResourceDiff[] => {
    const { id, name, type, inputs, ignored } = resource;
    const earlier = old.get(id);
    if (earlier === undefined) return [{ id, change: 'added', inputs: [] }];
    const keys = [...new Set([...Object.keys(earlier.inputs), ...Object.keys(inputs)])].filter(
      (key) => !ignored.includes(key) && updates(type, key),
    );
    const isConfiguration = type.endsWith(':MachineConfiguration') && configurations.has(name);
    const differing = keys.filter(
      (key) => !isDeepStrictEqual(earlier.inputs[key], inputs[key]) || (key === 'configuration' && isConfiguration),
    );
    return differing.length === 0 ? [] : [{ id, change: 'changed', inputs: differing }];
  });
  const gone = before
    .filter(({ id }) => !now.has(id))
    .map(({ id }) => ({ id, change: 'removed' as const, inputs: [] }));
  return [...present, ...gone];
}
