import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import {
  type BuiltObject,
  type JsonMap,
  type KubernetesObject,
  type Origin,
  describeObject,
  identityOf,
  isMap,
  invalidObjectReason,
  listOf,
} from '../kubernetesObject';
import { ManifestError, Problems } from '../manifestError';
import { nameGenerated } from './generatedNames';
import { generatedConfigMaps } from './generators';
import { applyNamespace } from './namespaceTransformer';
import { applyImages, applyReplicas } from './overrides';
import { annotateOrigins } from './originAnnotations';
import { applyReplacements } from './replacements';
import { type Patch, applyPatches, parsePatches } from './patchList';
import { type YamlDocument, lineOf, readYamlFile } from '../yamlFile';

const supportedFields = [
  ...['apiVersion', 'kind', 'resources', 'components', 'configMapGenerator', 'patches', 'replacements', 'namespace'],
  ...['images', 'replicas'],
];

/**
 * What `configMapGenerator` makes: `named`, the ConfigMaps as Flux applies them; or `plain`, without the suffix of their names,
 * for readers that only ask what they contain.
 */
export type Generators = 'named' | 'plain';
const kinds = {
  Kustomization: 'kustomize.config.k8s.io/v1beta1',
  Component: 'kustomize.config.k8s.io/v1alpha1',
} as const;

/**
 * Builds a folder as kustomize does: resources, components, patches (the folder's own, then `extraPatches`), replacements,
 * namespace, replicas, images. Throws a ManifestError with every problem. Unsupported features are problems too, never skipped.
 */
export function buildFolder(
  repoRoot: string,
  folder: string,
  extraPatches: Patch[] = [],
  generators: Generators = 'named',
): BuiltObject[] {
  const options = { repoRoot, generated: new Set<BuiltObject>() };
  const objects = build(options, folder, 'Kustomization', [], extraPatches, []);
  if (generators === 'named') {
    nameGenerated(objects, options.generated);
    if (listsNothing(repoRoot, folder)) annotateOrigins(objects, folder);
  }
  return objects;
}

interface BuildOptions {
  repoRoot: string;
  /** The objects of generators: their names get a suffix when everything else is done. */
  generated: Set<BuiltObject>;
}

function build(
  options: BuildOptions,
  folder: string,
  kind: keyof typeof kinds,
  input: BuiltObject[],
  extraPatches: Patch[],
  ancestors: string[],
): BuiltObject[] {
  const { repoRoot, generated } = options;
  if (ancestors.includes(folder)) {
    throw new ManifestError([
      `${folder}/kustomization.yaml: includes itself: ${[...ancestors, folder].join(' -> ')}; remove one of these references`,
    ]);
  }
  const problems = new Problems();
  const document = readKustomization(repoRoot, folder, kind);
  const { file, value } = document;
  const entries = (field: string): { entry: string; line: number }[] => listOfStrings(document, field, problems);
  let objects = [...input];
  for (const { entry, line } of entries('resources')) {
    const path = problems.collect(() => locate(repoRoot, folder, entry, `${file}:${line}`));
    if (path === undefined) continue;
    const added = problems.collect(() =>
      statSync(join(repoRoot, path)).isDirectory()
        ? build(options, path, 'Kustomization', [], [], [...ancestors, folder])
        : readObjects(repoRoot, path),
    );
    objects.push(...(added ?? []));
  }
  for (const { built, hasSuffix } of problems.collect(() => generatedConfigMaps(repoRoot, folder, document)) ?? []) {
    objects.push(built);
    if (hasSuffix) generated.add(built);
  }
  rejectDuplicates(objects, problems);
  for (const { entry, line } of entries('components')) {
    const path = problems.collect(() => locate(repoRoot, folder, entry, `${file}:${line}`));
    if (path === undefined) continue;
    objects = problems.collect(() => build(options, path, 'Component', objects, [], [...ancestors, folder])) ?? objects;
  }
  const own = problems.collect(() => parsePatches(value['patches'], document, readPatchFile(repoRoot, folder))) ?? [];
  problems.throwIfAny();
  applyPatches(objects, [...own, ...extraPatches]);
  applyReplacements(objects, value['replacements'], `${file}:${lineOf(document, ['replacements'])}`);
  if (value['namespace'] !== undefined) {
    applyNamespace(objects, value['namespace'], `${file}:${lineOf(document, ['namespace'])}`);
  }
  applyReplicas(objects, value['replicas'], `${file}:${lineOf(document, ['replicas'])}`);
  applyImages(objects, value['images'], `${file}:${lineOf(document, ['images'])}`);
  return objects;
}

/** Whether a folder's own kustomization file has no resources. */
function listsNothing(repoRoot: string, folder: string): boolean {
  return listOf(readKustomization(repoRoot, folder, 'Kustomization').value['resources']).length === 0;
}

type KustomizationDocument = YamlDocument & { value: JsonMap };

function readKustomization(repoRoot: string, folder: string, kind: keyof typeof kinds): KustomizationDocument {
  const file = `${folder}/kustomization.yaml`;
  if (!existsSync(join(repoRoot, file))) {
    throw new ManifestError([`${file}: file does not exist, so ${folder} cannot be built; create it`]);
  }
  const documents = readYamlFile(repoRoot, file);
  const [document] = documents;
  if (document === undefined || documents.length !== 1 || !isMap(document.value)) {
    throw new ManifestError([`${file}: must contain exactly one document, a map with at least \`resources\``]);
  }
  const problems = new Problems();
  const { kind: foundKind, apiVersion } = document.value;
  // A Kustomization may leave out both: others' often do.
  const isDefault = kind === 'Kustomization' && foundKind === undefined && apiVersion === undefined;
  if (!isDefault && (foundKind !== kind || apiVersion !== kinds[kind])) {
    problems.add(`${file}:${document.line}`, `must have kind ${kind} and apiVersion ${kinds[kind]} here`);
  }
  for (const key of Object.keys(document.value)) {
    if (supportedFields.includes(key)) continue;
    const place = `${file}:${lineOf(document, [key])}`;
    problems.add(place, `kustomize field \`${key}\` is not supported; use ${supportedFields.slice(2).join(', ')}`);
  }
  problems.throwIfAny();
  return document as KustomizationDocument;
}

function listOfStrings(
  document: KustomizationDocument,
  field: string,
  problems: Problems,
): { entry: string; line: number }[] {
  const value = document.value[field];
  if (value === undefined) return [];
  const place = `${document.file}:${lineOf(document, [field])}`;
  if (!Array.isArray(value) || value.some((entry) => typeof entry !== 'string')) {
    problems.add(place, `\`${field}\` must be a list of paths`);
    return [];
  }
  return value.map((entry, at) => ({ entry: entry as string, line: lineOf(document, [field, at]) }));
}

/** Resolves a path in a kustomization to one relative to the repository root. Files must be inside its folder. */
function locate(repoRoot: string, folder: string, entry: string, place: string): string {
  const fail = (what: string): never => {
    throw new ManifestError([`${place}: ${what}`]);
  };
  if (/:\/\/|\?ref=|^git@|^github\.com\//.test(entry)) {
    fail(`${entry} is remote, and Flux refuses remote bases here; use a source object with its own Flux Kustomization`);
  }
  const path = posix.normalize(posix.join(folder, entry)).replace(/\/$/, '');
  if (posix.isAbsolute(entry) || path.startsWith('..'))
    fail(`${entry} is outside the repository; use a path inside it`);
  if (!existsSync(join(repoRoot, path))) fail(`${path} does not exist; fix the path or create it`);
  if (!statSync(join(repoRoot, path)).isDirectory() && !path.startsWith(`${folder}/`)) {
    fail(
      `${path} is a file outside ${folder}, which kustomize refuses; reference its folder, with a kustomization.yaml`,
    );
  }
  return path;
}

function readPatchFile(repoRoot: string, folder: string): (entry: string, place: string) => YamlDocument {
  return (entry, place) => {
    const path = locate(repoRoot, folder, entry, place);
    const documents = readYamlFile(repoRoot, path);
    const [document] = documents;
    if (document === undefined || documents.length !== 1) {
      throw new ManifestError([
        `${path}: a patch file must contain exactly one document; it contains ${documents.length}`,
      ]);
    }
    return document;
  };
}

/** The objects in a file. */
export function readObjects(repoRoot: string, file: string): BuiltObject[] {
  const problems = new Problems();
  const objects = readYamlFile(repoRoot, file).flatMap((document): BuiltObject[] => {
    const reason = invalidObjectReason(document.value);
    if (reason !== undefined) problems.add(`${file}:${document.line}`, `${reason}; fix or remove the document`);
    const origin: Origin = { file, line: document.line, text: document.text };
    return reason === undefined ? [{ object: document.value as KubernetesObject, origins: [origin] }] : [];
  });
  problems.throwIfAny();
  return objects;
}

function rejectDuplicates(objects: BuiltObject[], problems: Problems): void {
  const seen = new Map<string, Origin>();
  for (const { object, origins } of objects) {
    const [origin] = origins;
    const first = seen.get(identityOf(object));
    if (first === undefined) seen.set(identityOf(object), origin);
    else {
      const other = `${first.file}:${first.line}`;
      problems.add(
        `${origin.file}:${origin.line}`,
        `${describeObject(object)} is already defined in ${other}; keep one of the two`,
      );
    }
  }
}
