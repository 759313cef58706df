import { isMap } from '../../gitops/kubernetesObject';

/** A level of the description of a machine: where it is in the stack file, and its text. */
export interface Level {
  /** `machines`, or `nodes[2]`. */
  path: readonly PropertyKey[];
  value: unknown;
}

/**
 * Merges what the levels say, a later one over an earlier one: maps merge, lists and other values replace, and null removes a
 * key. Lists under `appended` keys of the outermost map follow each other instead.
 */
export function mergeLevels(levels: readonly Level[], appended: readonly string[] = []): Record<string, unknown> {
  const merged = levels.reduce<unknown>((below, { value }) => mergeValues(below, value), {}) as Record<string, unknown>;
  for (const key of appended) {
    const lists = levels.map(({ value }) => (isMap(value) ? value[key] : undefined)).filter(Array.isArray);
    if (lists.length > 0) merged[key] = lists.flat();
  }
  return merged;
}

function mergeValues(below: unknown, above: unknown): unknown {
  if (above === undefined) return below;
  if (!isMap(above)) return above;
  const merged: Record<string, unknown> = isMap(below) ? { ...below } : {};
  for (const [key, value] of Object.entries(above)) {
    const both = mergeValues(own(merged, key), value);
    if (both === null || both === undefined) delete merged[key];
    else merged[key] = both;
  }
  return merged;
}

/**
 * The path in the stack file of the level that says what the merged value has at `path`; for what no level says, of the last
 * level that speaks of it at all.
 */
export function originOf(levels: readonly Level[], path: readonly PropertyKey[]): readonly PropertyKey[] {
  let speaking = levels.filter(({ value }) => isMap(value));
  let origin = [...(speaking.at(-1)?.path ?? []), ...path];
  for (let length = 1; length <= path.length; length++) {
    const said = speaking.flatMap((level) => {
      const value = valueAt(level.value, path.slice(0, length));
      return value === undefined ? [] : [{ level, value }];
    });
    const last = said.at(-1);
    if (last === undefined) break;
    origin = [...last.level.path, ...path];
    // Below a list, or a text, only its own level speaks.
    if (!isMap(last.value)) break;
    speaking = said.filter(({ value }) => isMap(value)).map(({ level }) => level);
  }
  return origin;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (isMap(inner) ? own(inner, String(key)) : undefined), value);
}

function own(map: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
