import { compare } from 'semver';
import type { VersionRules } from './sharedVersions';

/** A module in a build: the required version, and the one that it is replaced by, if any. */
export interface UsedModule {
  readonly path: string;
  readonly version: string;
  readonly replacement?: string;
}

/**
 * The changes to each tool's go.mod, as flags of `go mod edit`, after which all tools agree on the versions of the modules
 * that they share. No flags for a tool: nothing to change.
 * @param used the modules with code in each tool
 */
export function planVersions<T extends string>(
  used: ReadonlyMap<T, readonly UsedModule[]>,
  rules: VersionRules,
): Map<T, string[]> {
  const required = new Map<string, string[]>();
  for (const { path, version } of [...used.values()].flat())
    required.set(path, [...(required.get(path) ?? []), version]);

  const wanted = (path: string): string | undefined => {
    if (rules.own.some((pattern) => pattern.test(path))) return undefined;
    const versions = required.get(path) ?? [];
    return rules.held[path] ?? (versions.length > 1 ? [...versions].sort(compare).at(-1) : undefined);
  };
  return new Map(
    [...used].map(([tool, modules]) => [tool, modules.flatMap((module) => edits(module, wanted(module.path)))]),
  );
}

function edits({ path, version, replacement }: UsedModule, wanted: string | undefined): string[] {
  if (wanted === undefined || (replacement ?? version) === wanted) return [];
  if (compare(version, wanted) > 0) return [`-replace=${path}=${path}@${wanted}`];
  return [...(replacement === undefined ? [] : [`-dropreplace=${path}`]), `-require=${path}@${wanted}`];
}
