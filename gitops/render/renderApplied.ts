import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { type Json, type KubernetesObject, describeObject, isMap, specOf, textOf, valueAt } from '../kubernetesObject';
import { Problems } from '../manifestError';
import { isOfOthers, readPatches } from './fluxKustomization';
import { buildFolder } from './kustomization';
import { applyNamespace } from './namespaceTransformer';
import { isSubstitutionOff } from './renderCluster';
import { substitute } from './substitute';
import { buildAnyFolder } from './unlistedFolder';

/** What changes the objects, and is not built. */
const unsupported = ['buildMetadata', 'components', 'decryption', 'images', 'namePrefix', 'nameSuffix'];

/** An object of a Kustomization, and the file of its own document, relative to the root of the source. */
export interface AppliedObject {
  object: KubernetesObject;
  file: string;
}

/**
 * The objects that Flux applies for a Kustomization, as it is in a cluster, before Flux adds its owner labels.
 * @param root a folder with the content of its source
 * @param variables what it substitutes; nothing is substituted without any
 * @throws ManifestError with every reason why they cannot be rendered; never leaves out what it cannot
 */
export function renderApplied(
  root: string,
  kustomization: KubernetesObject,
  variables: Readonly<Record<string, string>>,
): AppliedObject[] {
  const spec = specOf(kustomization);
  const described = describeObject(kustomization);
  const problems = new Problems();
  for (const field of unsupported.filter((name) => spec[name] !== undefined)) {
    problems.add(described, `cannot render spec.${field}; build it with flux build kustomization`);
  }
  const path = posix.normalize(textOf(spec['path'], '.')).replace(/^\.\/|\/$/g, '');
  if (path.startsWith('..') || !existsSync(join(root, path))) {
    problems.add(described, `spec.path ${path} does not exist in its source; correct it`);
  }
  const built = { object: kustomization, origins: [{ file: described, line: 1, text: '' }] } as const;
  const patches = readPatches(spec['patches'], { ...built, origins: [built.origins[0]] }, problems);
  problems.throwIfAny();
  // Other people's repositories need not list their files; in a cluster's own, what is not listed may be encrypted.
  const isForeign = valueAt(spec, 'sourceRef', 'kind') === 'GitRepository' && isOfOthers(spec);
  const objects = (isForeign ? buildAnyFolder : buildFolder)(root, path, patches);
  if (spec['targetNamespace'] !== undefined) applyNamespace(objects, spec['targetNamespace'], described);
  const common = valueAt(spec, 'commonMetadata');
  const applied = objects.map(({ object, origins: [{ file, line }] }) => {
    const result =
      Object.keys(variables).length === 0 || isSubstitutionOff(object)
        ? { object, problems: [] }
        : substitute(object, variables);
    for (const { message } of result.problems) problems.add(`${file}:${line}`, `${describeObject(object)}: ${message}`);
    return { object: withCommonMetadata(result.object, common), file };
  });
  problems.throwIfAny();
  return applied;
}

function withCommonMetadata(object: KubernetesObject, common: Json | undefined): KubernetesObject {
  const added = ['labels', 'annotations'].flatMap((field) => {
    const extra = valueAt(common, field);
    const own = object.metadata[field];
    return isMap(extra) ? [[field, { ...(isMap(own) ? own : {}), ...extra }] as const] : [];
  });
  if (added.length === 0) return object;
  return { ...object, metadata: { ...object.metadata, ...Object.fromEntries(added) } };
}
