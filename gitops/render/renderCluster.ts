import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ClusterSettings,
  clusterFolder,
  listFileOf,
  readClusterSettings,
  settingsConfigMap,
} from '../clusterSettings';
import { type FluxKustomization, isFluxKustomization, readFluxKustomization } from './fluxKustomization';
import { checkGraph } from './graph';
import { type BuiltObject, type KubernetesObject, describeObject, isMap } from '../kubernetesObject';
import { buildFolder } from './kustomization';
import { ManifestError, Problems } from '../manifestError';
import { type SubstitutionProblem, substitute } from './substitute';
import { type SystemFiles, entryOf, listIt, systemsFolder } from '../systems';
import { readTextFile } from '../textFile';

/** The Kustomization that FluxInstance creates. It applies the cluster's folder as is, without substitution. */
export const rootKustomization = 'flux-system';

/** An object as Flux would apply it. */
export interface RenderedObject {
  /** Name of the Flux Kustomization that applies it; `flux-system` for the entry point. */
  kustomization: string;
  object: KubernetesObject;
  /** File of its own document, relative to the repository root. */
  file: string;
  /** 1-based line of that document. */
  line: number;
}

/** One rendered cluster. */
export interface RenderedCluster {
  cluster: string;
  settings: ClusterSettings;
  /** All Flux Kustomizations except the root, in source order. */
  kustomizations: FluxKustomization[];
  /** Objects of the entry point, then those of each requested Kustomization whose source is this repository. */
  objects: RenderedObject[];
}

/**
 * Renders what the bootstrap needs from a cluster, as Flux does: the entry point, then the folders of the Kustomizations in
 * `wanted`, with patches and strict substitution. Written in TypeScript so that provisioning needs no other tool;
 * `npm run validate` renders everything with Flux's own libraries, and a test verifies that the results are the same.
 * Throws a ManifestError with every problem.
 */
export function renderCluster(repoRoot: string, cluster: string, wanted: readonly string[]): RenderedCluster {
  const problems = new Problems();
  const settings = problems.collect(() => readClusterSettings(repoRoot, cluster));
  const entryPoint = problems.collect(() => buildFolder(repoRoot, clusterFolder(cluster)));
  if (entryPoint === undefined) return problems.fail();
  if (settings !== undefined) checkSettingsApplied(entryPoint, settings, problems);
  for (const built of entryPoint) rejectVariables(built, problems);
  const objects = entryPoint.map((built) => toRendered(rootKustomization, built));
  const kustomizations: FluxKustomization[] = [];
  const waiting = entryPoint.filter(({ object }) => isFluxKustomization(object));
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const built = next;
    const kustomization = problems.collect(() => readFluxKustomization(built));
    if (kustomization === undefined) continue;
    kustomizations.push(kustomization);
    if (!isOwnSource(kustomization) || !wanted.includes(kustomization.name)) continue;
    const applied = problems.collect(() => renderKustomization(repoRoot, kustomization, settings)) ?? [];
    objects.push(...applied.map((object) => toRendered(kustomization.name, object)));
    waiting.push(...applied.filter(({ object }) => isFluxKustomization(object)));
  }
  checkGraph(kustomizations, problems, (wanted, dependent) => {
    return listIt(systemFiles(repoRoot), wanted, cluster, entryOf(dependent));
  });
  rejectSharedOwnership(objects, problems);
  if (settings === undefined) return problems.fail();
  problems.throwIfAny();
  return { cluster, settings, kustomizations, objects };
}

/** A Kustomization of a rendered cluster that the program installs. Throws a ManifestError if the cluster does not list it. */
export function installedKustomization(
  { cluster, kustomizations }: Pick<RenderedCluster, 'cluster' | 'kustomizations'>,
  kustomizationName: string,
): FluxKustomization {
  const found = kustomizations.find(({ name }) => name === kustomizationName);
  if (found !== undefined) return found;
  throw new ManifestError([
    `${listFileOf(cluster)}: lists no Kustomization ${kustomizationName}, which the program installs; add the system that has it, such as ../../systems/core`,
  ]);
}

/** The files of all systems, listed or not. */
function systemFiles(repoRoot: string): SystemFiles {
  const folder = join(repoRoot, systemsFolder);
  const found = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  const read = (file: string): string => readTextFile(join(repoRoot, file));
  return { files: found.map((file) => `${systemsFolder}/${file}`), read };
}

/** Whether a Kustomization's source is this repository. */
export function isOwnSource({ sourceRef }: FluxKustomization): boolean {
  return sourceRef.kind === 'GitRepository' && sourceRef.name === rootKustomization;
}

/** The objects a Kustomization applies. Without settings, already reported as a problem, nothing is substituted. */
function renderKustomization(
  repoRoot: string,
  kustomization: FluxKustomization,
  settings: ClusterSettings | undefined,
): BuiltObject[] {
  const { name, file, line, path } = kustomization;
  const place = `${file}:${line}`;
  if (!existsSync(join(repoRoot, path))) {
    throw new ManifestError([
      `${place}: Kustomization ${name}: spec.path ${path} does not exist; fix it or create the folder`,
    ]);
  }
  const built = buildFolder(repoRoot, path, kustomization.patches);
  if (settings === undefined) return built;
  const problems = new Problems();
  const values: Record<string, string> = {};
  for (const source of kustomization.substituteFrom) {
    if (source === settingsConfigMap.name) Object.assign(values, settings.values);
    else problems.add(place, `Kustomization ${name}: substitutes from ${source}; use only ${settingsConfigMap.name}`);
  }
  problems.throwIfAny();
  Object.assign(values, kustomization.substitute);
  // Without variables Flux skips substitution entirely and keeps escapes such as $$.
  if (Object.keys(values).length === 0) return built;
  const substituted = built.map(({ object, origins }): BuiltObject => {
    if (isSubstitutionOff(object)) return { object, origins };
    const result = substitute(object, values);
    for (const problem of result.problems) addSubstitutionProblem(problem, { object, origins }, settings, problems);
    return { object: result.object, origins };
  });
  problems.throwIfAny();
  return substituted;
}

/** Rejects variables in the entry point: it is not substituted, so they would reach the cluster literally. */
function rejectVariables({ object, origins }: BuiltObject, problems: Problems): void {
  // A Kustomization's own patches are substituted later, with the objects they patch.
  const { patches: _patches, ...spec } = isMap(object['spec']) ? object['spec'] : {};
  const [variable] = /\$\{[A-Za-z_][^}]*\}/.exec(JSON.stringify({ ...object, spec })) ?? [];
  if (variable === undefined) return;
  const places = origins.flatMap(({ file, line, text }) =>
    text.split('\n').flatMap((content, at) => (content.includes(variable) ? [`${file}:${line + at}`] : [])),
  );
  const what = `${describeObject(object)}: ${variable} is not substituted in the entry point; write the value instead`;
  problems.add(places[0] ?? `${origins[0].file}:${origins[0].line}`, what);
}

/** Whether Flux leaves the variables of an object alone. */
export function isSubstitutionOff({ metadata }: KubernetesObject): boolean {
  return [metadata['labels'], metadata['annotations']].some(
    (map) => isMap(map) && map['kustomize.toolkit.fluxcd.io/substitute'] === 'disabled',
  );
}

/** Adds a problem for every line with the offending text, in the object's own document or in the patch that adds it. */
function addSubstitutionProblem(
  problem: SubstitutionProblem,
  built: BuiltObject,
  settings: ClusterSettings,
  problems: Problems,
): void {
  const searchText = problem.variable === '' ? (problem.text.split('\n')[0] ?? '') : `\${${problem.variable}`;
  const described = describeObject(built.object);
  const what =
    problem.variable === ''
      ? `${described}: ${JSON.stringify(problem.text)} ${problem.message}`
      : `${described}: ${problem.message}; add ${problem.variable} to ${settings.file}, give a default, or write $$ for $`;
  const places = built.origins.flatMap(({ file, line, text }) =>
    text.split('\n').flatMap((content, at) => (content.includes(searchText) ? [`${file}:${line + at}`] : [])),
  );
  const [origin] = built.origins;
  for (const place of places.length > 0 ? places : [`${origin.file}:${origin.line}`]) problems.add(place, what);
}

function checkSettingsApplied(entryPoint: BuiltObject[], settings: ClusterSettings, problems: Problems): void {
  const { name, namespace } = settingsConfigMap;
  const applied = entryPoint.some(
    ({ object }) =>
      object.kind === 'ConfigMap' && object.metadata.name === name && object.metadata.namespace === namespace,
  );
  if (!applied) {
    const folder = settings.file.replace(/\/[^/]+$/, '');
    problems.add(
      `${folder}/kustomization.yaml`,
      'does not list cluster-settings.yaml, so Flux would have no settings; add it to resources',
    );
  }
}

function rejectSharedOwnership(objects: RenderedObject[], problems: Problems): void {
  const owners = new Map<string, RenderedObject>();
  for (const rendered of objects) {
    const { object, file, line, kustomization } = rendered;
    const key = describeObject(object) + object.apiVersion;
    const first = owners.get(key);
    if (first === undefined) owners.set(key, rendered);
    else {
      const other = `${first.kustomization} (${first.file}:${first.line})`;
      problems.add(
        `${file}:${line}`,
        `${describeObject(object)} of Kustomization ${kustomization} is also applied by ${other}; keep one owner`,
      );
    }
  }
}

function toRendered(kustomization: string, { object, origins: [origin] }: BuiltObject): RenderedObject {
  return { kustomization, object, file: origin.file, line: origin.line };
}
