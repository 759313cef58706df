import { parse } from 'yaml';
import { type BuiltObject, type Json, type Origin, describeObject, isMap } from './kubernetesObject';
import { ManifestError, Problems } from './manifestError';
import {
  PatchError,
  type PatchBody,
  type PatchTarget,
  applyPatch,
  matchesTarget,
  ownTarget,
  readPatchBody,
  readTarget,
} from './patch';
import { type YamlDocument, lineOf } from './yamlFile';

/** A patch with its target and the place where it was written. */
export interface Patch {
  body: PatchBody;
  target: PatchTarget;
  /** Whether the patch names its one object by itself; then that object must exist. */
  named: boolean;
  origin: Origin;
}

/**
 * Reads the `patches` of a kustomization.yaml. `readFile` opens the file of a patch that names one. Throws a
 * ManifestError with every problem.
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
        throw new ManifestError([`${place}: a patch has either \`path\`, a file, or \`patch\`, a text`]);
      }
      const file = readFile(path, place);
      const origin: Origin = { file: file.file, line: file.line, text: file.text };
      return parsePatch({ ...rest, patch: file.text }, origin, place);
    }),
  );
  problems.throwIfAny();
  return patches.filter((patch) => patch !== undefined);
}

/** Reads one patch: `{patch: <text>, target?}`. Throws a ManifestError that starts with `place`. */
export function parsePatch(entry: Json, origin: Origin, place: string): Patch {
  try {
    if (!isMap(entry)) throw new PatchError('must be a map');
    const { patch, target, ...rest } = entry;
    const [unknown] = Object.keys(rest);
    if (unknown !== undefined) throw new PatchError(`\`${unknown}\` of a patch is not supported`);
    if (typeof patch !== 'string') throw new PatchError('`patch` must be a text');
    const body = readPatchBody(parse(patch));
    if (target !== undefined) return { body, target: readTarget(target), named: false, origin };
    if (Array.isArray(body)) throw new PatchError('JSON6902 needs a `target`');
    return { body, target: ownTarget(body), named: true, origin };
  } catch (error) {
    if (error instanceof ManifestError) throw error;
    throw new ManifestError([`${place}: patch: ${(error as Error).message}`]);
  }
}

/** Applies patches in order. Throws a ManifestError for one that does not fit, or whose named object is not there. */
export function applyPatches(objects: BuiltObject[], patches: Patch[]): void {
  const problems = new Problems();
  for (const { body, target, named, origin } of patches) {
    const place = `${origin.file}:${origin.line}`;
    const matching = objects.filter(({ object }) => matchesTarget(target, object));
    if (named && matching.length === 0) {
      problems.add(place, `there is no ${target.kind} ${target.name} to patch; correct the name or give a \`target\``);
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
