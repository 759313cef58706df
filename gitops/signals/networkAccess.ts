import { isDeepStrictEqual } from 'node:util';
import {
  type Direction,
  type Policy,
  directions,
  isolates,
  policiesOf,
  requirements,
  rulesOf,
} from '../checks/facts/networkPolicies';
import { kindOf } from '../checks/facts/references';
import { type Json, type JsonMap, identityOf, listOf, valueAt } from '../kubernetesObject';
import type { TreeCluster, TreeObject } from '../tree';
import { type ClusterChange, changed, removed } from './clusterChange';
import { fateOf } from './fate';
import { atPath, leavesOf, pathName, valuesPairs } from './leaves';
import type { Found, SignalRule } from './signal';

/** The policies of one object. */
function policiesIn(cluster: TreeCluster, object: TreeObject): Policy[] {
  return policiesOf({ ...cluster, objects: [object] });
}

/** Whether what a policy selects may still be there: its Kustomization and its namespace do not go as a whole. */
function podsStay(change: ClusterChange, object: TreeObject): boolean {
  const goes = removed(change);
  const { namespace } = object.object.metadata;
  return (
    change.after.kustomizations.some(({ id }) => id === object.kustomization) &&
    !goes.some((other) => other.object.kind === 'Namespace' && other.object.metadata.name === namespace)
  );
}

/** Another policy after the change that isolates the same pods in a direction. */
function isStillIsolated(change: ClusterChange, policy: Policy, direction: Direction): boolean {
  const own = requirements(policy.selector);
  return policiesOf(change.after).some(
    (other) =>
      identityOf(other.from.object) !== identityOf(policy.from.object) &&
      isolates(other, direction) &&
      (other.namespace === undefined || other.namespace === policy.namespace) &&
      requirements(other.selector).every((requirement) => own.includes(requirement)),
  );
}

const policyRemoved: SignalRule = {
  id: 'network-policy-removed',
  severity: 'danger',
  when: 'a network policy goes, or stops isolating, while its pods stay and no other one isolates them; or is switched off in chart values',
  why: 'its pods may be reached by, or reach, everything',
  todo: 'keep a policy that isolates them, or make sure that they need none',
  *find(change): Generator<Found> {
    for (const object of removed(change)) {
      if (!podsStay(change, object) || !fateOf(change, object).deleted) continue;
      const open = directions.filter((direction) =>
        policiesIn(change.before, object).some(
          (policy) => isolates(policy, direction) && !isStillIsolated(change, policy, direction),
        ),
      );
      if (open.length > 0) yield { at: object, what: `is deleted: nothing limits ${open.join(' and ')} of its pods` };
    }
    for (const { before, after } of changed(change)) {
      const [old, now] = [policiesIn(change.before, before), policiesIn(change.after, after)];
      const open = directions.filter(
        (direction) =>
          old.some((policy) => isolates(policy, direction) && !isStillIsolated(change, policy, direction)) &&
          !now.some((policy) => isolates(policy, direction)),
      );
      if (open.length > 0)
        yield { at: after, path: ['spec'], what: `no longer limits ${open.join(' and ')} of its pods` };
    }
    yield* switchedOff(change);
  },
};

/** Switches of network policies that are turned off: in values of charts that were not rendered, and of a FluxInstance. */
function* switchedOff(change: ClusterChange): Generator<Found> {
  for (const { at, before, after } of valuesPairs(change)) {
    for (const { path, value } of leavesOf(after)) {
      const [above, key] = [String(path.at(-2)), String(path.at(-1))];
      const isSwitch = isPolicyName(key) || (/^(enabled?|create)$/.test(key) && isPolicyName(above));
      if (!isSwitch || value !== false || atPath(before, path) === false) continue;
      const full = ['spec', 'values', ...path];
      yield { at, path: full, what: `${pathName(full)} becomes false` };
    }
  }
  for (const { before, after } of changed(change)) {
    if (kindOf(after) !== 'fluxcd.controlplane.io/FluxInstance') continue;
    const path = ['spec', 'cluster', 'networkPolicy'];
    const [old, now] = [before, after].map(({ object }) => valueAt(object, ...path));
    if (now === false && old !== false) yield { at: after, path, what: `${pathName(path)} becomes false` };
  }
}

const isPolicyName = (name: string): boolean => /networkPolic(y|ies)$/i.test(name);

const peerFields = /^(from|to)(?!Ports$)/;

/** Whether an allow rule allows nothing that another one did not. */
function isCovered(rule: JsonMap, old: JsonMap): boolean {
  const peers = (of: JsonMap): string[] => Object.keys(of).filter((key) => peerFields.test(key));
  // In a Cilium rule each further kind of peer allows more; without any, everything.
  if (peers(old).length > 0 && !peers(rule).every((key) => old[key] !== undefined)) return false;
  return Object.entries(old).every(([key, value]) => {
    const now = rule[key];
    if (now === undefined) return peerFields.test(key) && peers(rule).length > 0;
    return listOf(now).length > 0 && listOf(now).every((item) => listOf(value).some((other) => narrower(item, other)));
  });
}

function narrower(item: Json, other: Json): boolean {
  if (isDeepStrictEqual(item, other)) return true;
  // toPorts of Cilium: a list of ports in a map.
  const [now, old] = [item, other].map((entry) => (isPorts(entry) ? listOf(entry['ports']) : undefined));
  return now !== undefined && old !== undefined && now.every((port) => old.some((one) => isDeepStrictEqual(one, port)));
}

function isPorts(value: Json): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).join() === 'ports';
}

const policyOpened: SignalRule = {
  id: 'network-policy-opened',
  severity: 'warning',
  when: 'a network policy that stays allows more, or selects other pods',
  why: 'traffic passes that was dropped until now',
  todo: 'make sure that each new peer and port is needed',
  *find(change): Generator<Found> {
    for (const { before, after } of changed(change)) {
      const [old, now] = [policiesIn(change.before, before), policiesIn(change.after, after)];
      for (const [index, policy] of now.entries()) {
        const was = old[index];
        if (was === undefined) continue;
        const added = directions.flatMap((direction) => {
          const allowed = rulesOf(was, direction).map(({ rule }) => rule);
          const more = rulesOf(policy, direction).filter(({ rule }) => !allowed.some((one) => isCovered(rule, one)));
          return isolates(was, direction) && more.length > 0 ? [`${direction}: ${more.map(ruleText).join('; ')}`] : [];
        });
        const selector = isDeepStrictEqual(requirements(was.selector).sort(), requirements(policy.selector).sort());
        if (added.length > 0) yield { at: after, path: policy.path, what: `allows more ${added.join('; ')}` };
        else if (!selector) yield { at: after, path: policy.path, what: 'selects other pods than before' };
      }
    }
  },
};

function ruleText({ rule }: { rule: JsonMap }): string {
  const text = JSON.stringify(rule);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

/** Signals about network policies. */
export const networkRules: readonly SignalRule[] = [policyRemoved, policyOpened];
