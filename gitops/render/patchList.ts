import { parse } from 'yaml';
import { type BuiltObject, type Json, type Origin, describeObject, isMap } from '../kubernetesObject';
import { ManifestError, Problems } from '../manifestError';
import {
  PatchError,
  type PatchBody,
  type PatchTarget,
  applyPatch,
  matchesTarget,
  implicitTarget,
  isDeletion,
  readPatchBody,
  readTarget,
} from './patch';
import { type YamlDocument, lineOf } from '../yamlFile';

/** A patch with its target and source location. */
export interface Patch {
  body: PatchBody;
  target: PatchTarget;
  /** Whether the target is the patch's own kind and name; that object must then exist. */
  named: boolean;
  origin: Origin;
}

/**
 * Parses the `patches` of a kustomization.yaml. `readFile` reads the file of a patch with `path`. Throws a ManifestError
 * with every problem.
 */
export function parsePatches(
  value: Json | undefined,
  document: YamlDocument,
  readFile: (entry: string, place: string) => YamlDocument,
): Patch[] {
  if (value === undefined) return [];
  const listPlace = `${document.file}:${lineOf(document, ['patches'])}`;
  if (!Array.isArray(value)) throw new ManifestError([`${listPlace}: \`patches\` must be a list`]);
  const problems = new Problems();
  const patches = value.map((entry, at) =>
    problems.collect(() => {
      const place = `${document.file}:${lineOf(document, ['patches', at])}`;
      if (!isMap(entry)) throw new ManifestError([`${place}: a patch must be a map with \`path\` or \`patch\``]);
      const { path, ...rest } = entry;
      if (path === undefined) {
        const text = typeof entry['patch'] === 'string' ? entry['patch'] : '';
        return parsePatch(
          entry,
          { file: document.file, line: lineOf(document, ['patches', at, 'patch']), text },
          place,
        );
      }
      if (typeof path !== 'string' || rest['patch'] !== undefined) {
        throw new ManifestError([
          `${place}: a patch must have either \`path\`, a file, or \`patch\`, an inline string`,
        ]);
      }
      const file = readFile(path, place);
      const origin: Origin = { file: file.file, line: file.line, text: file.text };
      return parsePatch({ ...rest, patch: file.text }, origin, place);
    }),
  );
  problems.throwIfAny();
  return patches.filter((patch) => patch !== undefined);
}

/** Parses a patch: `{patch: <string>, target?}`. Throws a ManifestError that starts with `place`. */
export function parsePatch(entry: Json, origin: Origin, place: string): Patch {
  try {
    if (!isMap(entry)) throw new PatchError('must be a map');
    const { patch, target, ...rest } = entry;
    const [unknown] = Object.keys(rest);
    if (unknown !== undefined) throw new PatchError(`field \`${unknown}\` is not supported`);
    if (typeof patch !== 'string') throw new PatchError('`patch` must be a string');
    const body = readPatchBody(parse(patch));
    if (target !== undefined) return { body, target: readTarget(target), named: false, origin };
    if (Array.isArray(body)) throw new PatchError('JSON6902 needs a `target`');
    return { body, target: implicitTarget(body), named: true, origin };
  } catch (error) {
    if (error instanceof ManifestError) throw error;
    throw new ManifestError([`${place}: patch: ${(error as Error).message}`]);
  }
}

/** Applies patches in order. Throws a ManifestError if a patch fails, or if the object it names does not exist. */
export function applyPatches(objects: BuiltObject[], patches: Patch[]): void {
  const problems = new Problems();
  for (const { body, target, named, origin } of patches) {
    const place = `${origin.file}:${origin.line}`;
    const matching = objects.filter(({ object }) => matchesTarget(target, object));
    if (named && matching.length === 0) {
      problems.add(
        place,
        `${target.kind} ${target.name} does not exist, so it cannot be patched; fix the name or set a \`target\``,
      );
    }
    if (isDeletion(body)) {
      for (const built of matching) objects.splice(objects.indexOf(built), 1);
      continue;
    }
    for (const built of matching) {
      try {
        applyPatch(built.object, body);
        built.origins.push(origin);
      } catch (error) {
        if (!(error instanceof PatchError)) throw error;
        problems.add(place, `patch of ${describeObject(built.object)}: ${error.message}`);
      }
    }
  }
  problems.throwIfAny();
}
