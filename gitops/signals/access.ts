import { show } from '../checks/finding';
import { type Pods, podSecurityLabel, podSecurityLevels, podsOf } from '../checks/facts/pods';
import { kindOf } from '../checks/facts/references';
import { type Json, type KubernetesObject, listOf, valueAt } from '../kubernetesObject';
import { type ClusterChange, changed, newOrChanged } from './clusterChange';
import { type Leaf, atPath, leavesOf, pathName, valuesPairs } from './leaves';
import type { Found, SignalRule } from './signal';

/** Capabilities with which a container can take over its node, or its network. */
const strongCapabilities: ReadonlySet<string> = new Set(
  'ALL SYS_ADMIN SYS_MODULE SYS_PTRACE SYS_RAWIO NET_ADMIN DAC_READ_SEARCH BPF PERFMON'.split(' '),
);

const capability = (value: Json): string => show(value).toUpperCase().replace(/^CAP_/, '');

/** A power that pods have, by a key that stays the same while they have it. */
type Powers = Map<string, string>;

function privileges({ containers }: Pods): Powers {
  const found: Powers = new Map();
  for (const { name, spec } of containers) {
    const context = spec['securityContext'];
    if (valueAt(context, 'privileged') === true)
      found.set(`${name} privileged`, `container ${name} becomes privileged`);
    for (const added of listOf(valueAt(context, 'capabilities', 'add')).map(capability)) {
      if (strongCapabilities.has(added))
        found.set(`${name} ${added}`, `container ${name} gets the capability ${added}`);
    }
  }
  return found;
}

function hostPowers({ spec, containers }: Pods): Powers {
  const found: Powers = new Map();
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) {
    if (spec[field] === true) found.set(field, `its pods get ${field}`);
  }
  for (const volume of listOf(spec['volumes'])) {
    const path = valueAt(volume, 'hostPath', 'path');
    if (typeof path !== 'string') continue;
    const name = valueAt(volume, 'name');
    const mounts = containers.flatMap((container) =>
      listOf(container.spec['volumeMounts']).filter((mount) => valueAt(mount, 'name') === name),
    );
    // Writing where it could only read is more.
    const writes = mounts.some((mount) => valueAt(mount, 'readOnly') !== true);
    found.set(`path ${path} ${writes ? 'rw' : 'ro'}`, `its pods mount ${path} of the node${writes ? '' : ' to read'}`);
    if (writes) found.set(`path ${path} ro`, '');
  }
  return found;
}

/** The powers that pods have after the change and did not have before. */
function* gained(change: ClusterChange, powersOf: (pods: Pods) => Powers): Generator<Found> {
  for (const { before, after } of newOrChanged(change)) {
    const pods = podsOf(after.object);
    if (pods === undefined) continue;
    const old = before === undefined ? undefined : podsOf(before.object);
    const had = old === undefined ? new Map<string, string>() : powersOf(old);
    const now = [...powersOf(pods)].flatMap(([key, text]) => (had.has(key) || text === '' ? [] : [text]));
    if (now.length > 0) yield { at: after, path: pods.path, what: now.join('; ') };
  }
}

/** The same in the values of charts that were not rendered, as charts usually name them. */
function* inValues(change: ClusterChange, isPower: (leaf: Leaf) => boolean): Generator<Found> {
  for (const { at, before, after } of valuesPairs(change, true)) {
    for (const leaf of leavesOf(after)) {
      const { path, value } = leaf;
      if (!isPower(leaf) || atPath(before, path) === value) continue;
      if (typeof path.at(-1) === 'number' && listOf(atPath(before, path.slice(0, -1))).includes(value)) continue;
      const full = ['spec', 'values', ...path];
      yield { at, path: full, what: `${pathName(full)} becomes ${show(value)}` };
    }
  }
}

const isPrivilege = ({ path, value }: Leaf): boolean =>
  (path.at(-1) === 'privileged' && value === true) ||
  (path.at(-2) === 'add' && path.at(-3) === 'capabilities' && strongCapabilities.has(capability(value)));

const isHostPower = ({ path, value, parent }: Leaf): boolean => {
  const key = path.at(-1);
  if (['hostNetwork', 'hostPID', 'hostIPC'].includes(String(key))) return value === true;
  // app-template: persistence.<name> with type hostPath; others: a map hostPath with a path.
  if (key === 'hostPath') return typeof value === 'string' && value.startsWith('/');
  return key === 'path' && path.at(-2) === 'hostPath' && parent['path'] === value;
};

const privileged: SignalRule = {
  id: 'container-privileged',
  severity: 'danger',
  when: 'a container becomes privileged, or gets a capability that amounts to it; also in chart values',
  why: 'who takes over the container takes over the node',
  todo: 'give it only the capability that it needs, or make sure that it is meant to be part of the platform',
  *find(change): Generator<Found> {
    yield* gained(change, privileges);
    yield* inValues(change, isPrivilege);
  },
};

const hostAccess: SignalRule = {
  id: 'host-access',
  severity: 'danger',
  when: "pods get the node's network, processes or IPC, or mount a folder of it; also in chart values",
  why: 'the pods see or change what belongs to the node and to every other pod on it',
  todo: 'use a volume, a Service or a device plugin instead, or mount only what it needs, read-only',
  *find(change): Generator<Found> {
    yield* gained(change, hostPowers);
    yield* inValues(change, isHostPower);
  },
};

const levelOf = (object: KubernetesObject): Json | undefined => valueAt(object.metadata, 'labels', podSecurityLabel);

const podSecurityLowered: SignalRule = {
  id: 'pod-security-lowered',
  severity: 'danger',
  when: 'a namespace enforces a weaker Pod Security level than before',
  why: 'the API server admits pods there that it refused until now',
  todo: 'move what needs more to a namespace of its own',
  *find(change): Generator<Found> {
    for (const { before, after } of changed(change)) {
      if (kindOf(after) !== '/Namespace') continue;
      const [old, now] = [levelOf(before.object), levelOf(after.object)];
      // Levels in their order: privileged is the weakest. A namespace without the label has the API server's default.
      const rank = (level: Json | undefined): number => podSecurityLevels.indexOf(level);
      if (old === undefined || rank(now) >= rank(old)) continue;
      const path = ['metadata', 'labels', podSecurityLabel];
      yield { at: after, path, what: `${podSecurityLabel} goes from ${show(old)} to ${show(now ?? 'nothing')}` };
    }
  },
};

/** Signals about what pods may do on a node. */
export const accessRules: readonly SignalRule[] = [privileged, hostAccess, podSecurityLowered];
