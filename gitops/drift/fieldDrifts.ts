import type { ValueChange } from '../diff/changes';
import { diffValues } from '../diff/diffValues';
import { durationSeconds } from '../duration';
import { quantity } from '../quantity';
import { maskChanges } from '../diff/secrets';
import { type JsonMap, type Json, type KubernetesObject, isMap } from '../kubernetesObject';
import { addedFields } from './managedFields';
import { frozenBy, isMarked, isOfFluxOperator, isOwnerLabel } from './markers';

/** A field that is not as its owner applies it. Secrets are masked. */
export interface FieldDrift {
  path: string;
  /** Absent if the owner wants nothing there. */
  wanted?: Json;
  /** Absent if it has no value. */
  found?: Json;
  /** Who set it, if known and not the owner. */
  manager?: string;
}

/** What a comparison needs. */
export interface Compared {
  /** What the owner applies, with its labels. */
  wanted: KubernetesObject;
  live: KubernetesObject;
  /** What the API server would store if the owner applied it now. */
  dryRun: KubernetesObject;
  owner: 'kustomize-controller' | 'helm-controller';
  /** Values that must not be shown, wherever they occur. */
  secrets: readonly string[];
}

/**
 * The fields that an apply of the owner would change, and those that someone added by hand. Status and what the
 * API server writes do not count; a marker that keeps Flux from the object does, if Git has none; of `metadata` only labels and annotations do, as for Flux.
 */
export function fieldDrifts({ wanted, live, dryRun, owner, secrets }: Compared): FieldDrift[] {
  const isShadowed = owner === 'kustomize-controller' && isOfFluxOperator(live);
  const changes = wholeLists(diffValues(comparable(dryRun), comparable(live)), dryRun, live).filter(
    ({ path, before, after }) => !isSameValue(before, after) && !(isShadowed && isOwnerLabel(path)),
  );
  const isShared =
    owner === 'kustomize-controller' && [wanted, live].some((object) => isMarked(object, 'ssa', 'Merge'));
  const added = isShared ? [] : addedFields(live, wanted, owner);
  const frozen = owner === 'kustomize-controller' && !isShadowed ? frozenBy(live, wanted) : undefined;
  const managers = new Map(added.map(({ path, manager }) => [path, manager]));
  const known = new Set(changes.map(({ path }) => path));
  const all: ValueChange[] = [
    ...changes,
    ...(frozen === undefined || known.has(frozen) ? [] : [{ path: frozen, ...sideAt('after', live, frozen) }]),
    ...added
      .filter(({ path }) => !known.has(path) && path !== frozen)
      .map(({ path, found }) => ({ path, after: found })),
  ];
  return maskChanges(all, live.kind, secrets).map(({ path, before, after }) => ({
    path,
    ...(before !== undefined && { wanted: before }),
    ...(after !== undefined && { found: after }),
    ...(managers.has(path) && { manager: managers.get(path) }),
  }));
}

/**
 * Whether two texts say the same: a controller that updates an object writes `1h` as `1h0m0s` and `1000m` as `1`, although Flux
 * would write it back.
 */
function isSameValue(before: Json | undefined, after: Json | undefined): boolean {
  if (typeof before !== 'string' || typeof after !== 'string') return false;
  const same = (read: (text: string) => number | undefined): boolean =>
    read(before) !== undefined && read(before) === read(after);
  // Without a unit, they may be versions.
  const hasUnit = [before, after].some((text) => /[a-zA-Z]$/.test(text));
  return same(durationSeconds) || (hasUnit && same(quantity));
}

/** The part of an object that drift is about. */
function comparable({ metadata, status: _status, ...object }: KubernetesObject): JsonMap {
  const { labels = {}, annotations = {} } = metadata;
  return { ...object, metadata: { labels, annotations } };
}

/** One change for each list whose items have no name: the position of an item says nothing. */
function wholeLists(changes: readonly ValueChange[], before: JsonMap, after: JsonMap): ValueChange[] {
  const lists = new Map<string, ValueChange>();
  for (const change of changes) {
    const [list] = /^.*?(?=\[\d+\])/.exec(change.path) ?? [];
    const path = list ?? change.path;
    if (list === undefined && change.note === undefined) lists.set(path, change);
    else if (!lists.has(path))
      lists.set(path, { path, ...sideAt('before', before, path), ...sideAt('after', after, path) });
  }
  return [...lists.values()];
}

function sideAt(name: 'before' | 'after', object: JsonMap, path: string): Partial<ValueChange> {
  const value = path.split(/\.(?![^[]*\])/).reduce<Json | undefined>(at, object);
  return value === undefined ? {} : { [name]: value };
}

/** The value at a part of a path: a field, with the items of lists and quoted names after it. */
function at(value: Json | undefined, part: string): Json | undefined {
  const steps = part.match(/^[^[]+|\[[^\]]*\]/g) ?? [];
  return steps.reduce<Json | undefined>((current, step) => {
    const [, quoted, key, is] = /^\[(?:"(.*)"|(\w+)=(.*))\]$/.exec(step) ?? [];
    if (key !== undefined) {
      return Array.isArray(current)
        ? current.find((item) => isMap(item) && JSON.stringify(item[key])?.replaceAll('"', '') === is)
        : undefined;
    }
    return isMap(current) ? current[quoted ?? step] : undefined;
  }, value);
}
