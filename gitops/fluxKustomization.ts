import { posix } from 'node:path';
import { durationSeconds } from './duration';
import { type BuiltObject, type Json, type KubernetesObject, groupOf, isMap, valueAt } from './kubernetesObject';
import { ManifestError, Problems } from './manifestError';
import { type Patch, parsePatch } from './patchList';

/** A Flux Kustomization of a cluster: one app, as the cluster's entry point wires it. */
export interface FluxKustomization {
  name: string;
  namespace: string;
  /** Folder in the source, without leading `./`; of this repository unless `sourceRef` names another source. */
  path: string;
  sourceRef: { kind: string; name: string; namespace: string };
  /** Names of the Kustomizations of the same namespace that must be ready before. */
  dependsOn: string[];
  wait: boolean;
  prune: boolean;
  /** Whether Flux leaves it alone for now. */
  suspended: boolean;
  /** How long one reconciliation may wait for health; Flux's default is the interval. */
  timeoutSeconds: number | undefined;
  serviceAccountName: string | undefined;
  /** The ConfigMaps that variables come from. */
  substituteFrom: string[];
  /** Variables of its own, before those of the ConfigMaps. */
  substitute: Record<string, string>;
  /** Patches that Flux adds to those of the folder. */
  patches: Patch[];
  /** Where its own document stands. */
  file: string;
  line: number;
  /** The whole object, after the entry point's patches. */
  object: KubernetesObject;
}

/** Whether an object is a Flux Kustomization. */
export function isFluxKustomization(object: KubernetesObject): boolean {
  return object.kind === 'Kustomization' && groupOf(object) === 'kustomize.toolkit.fluxcd.io';
}

const understood = new Set(
  (
    'deletionPolicy dependsOn force healthCheckExprs healthChecks interval patches path postBuild prune ' +
    'retryInterval serviceAccountName sourceRef suspend timeout wait'
  ).split(' '),
);

/** Reads a rendered Flux Kustomization. Throws a ManifestError for what is missing, wrong or not supported. */
export function readFluxKustomization(built: BuiltObject): FluxKustomization {
  const { object, origins } = built;
  const [origin] = origins;
  const { name, namespace = '' } = object.metadata;
  const place = `${origin.file}:${origin.line}`;
  const problems = new Problems();
  const bad = (what: string): void => problems.add(place, `Kustomization ${name}: ${what}`);
  const spec = isMap(object['spec']) ? object['spec'] : {};
  const text = (field: string, ...path: string[]): string => {
    const value = valueAt(spec, ...path);
    if (typeof value === 'string' && value !== '') return value;
    bad(`${field} is missing; set it here or in the cluster's shared defaults`);
    return '';
  };
  for (const field of Object.keys(spec)) {
    if (!understood.has(field)) bad(`spec.${field} is not supported; remove it`);
  }
  if (namespace === '') bad('has no metadata.namespace; platform Kustomizations live in flux-system');
  for (const field of ['interval', 'retryInterval', 'timeout']) {
    const value = spec[field];
    if (value !== undefined && durationSeconds(value) === undefined)
      bad(`spec.${field} must be a duration such as 10m`);
  }
  if (durationSeconds(spec['interval']) === undefined) text('spec.interval', 'interval');
  if (typeof spec['prune'] !== 'boolean') bad('spec.prune must be true or false');
  const sourceNamespace = valueAt(spec, 'sourceRef', 'namespace') ?? namespace;
  if (sourceNamespace !== namespace)
    bad('spec.sourceRef crosses namespaces, which Flux refuses here; drop its namespace');
  const path = posix.normalize(text('spec.path', 'path')).replace(/^\.\/|\/$/g, '');
  if (posix.isAbsolute(path) || path.startsWith('..'))
    bad(`spec.path ${path} leaves the source; name a folder inside it`);
  const kustomization: FluxKustomization = {
    name,
    namespace,
    path,
    sourceRef: {
      kind: text('spec.sourceRef.kind', 'sourceRef', 'kind'),
      name: text('spec.sourceRef.name', 'sourceRef', 'name'),
      namespace,
    },
    dependsOn: readDependsOn(spec['dependsOn'], namespace, bad),
    wait: spec['wait'] === true,
    prune: spec['prune'] === true,
    suspended: spec['suspend'] === true,
    timeoutSeconds: durationSeconds(spec['timeout']),
    serviceAccountName: typeof spec['serviceAccountName'] === 'string' ? spec['serviceAccountName'] : undefined,
    ...readPostBuild(spec['postBuild'], bad),
    patches: readPatches(spec['patches'], built, problems),
    file: origin.file,
    line: origin.line,
    object,
  };
  problems.throwIfAny();
  return kustomization;
}

function readDependsOn(value: Json | undefined, namespace: string, bad: (what: string) => void): string[] {
  if (value === undefined) return [];
  const entries = Array.isArray(value) ? value : [];
  const names = entries.flatMap((entry) => {
    const name = valueAt(entry, 'name');
    const other = valueAt(entry, 'namespace') ?? namespace;
    return typeof name === 'string' && other === namespace ? [name] : [];
  });
  if (!Array.isArray(value) || names.length !== value.length) {
    bad(`spec.dependsOn must be a list of names of Kustomizations in ${namespace}`);
  }
  return names;
}

function readPostBuild(
  value: Json | undefined,
  bad: (what: string) => void,
): Pick<FluxKustomization, 'substitute' | 'substituteFrom'> {
  const substitute: Record<string, string> = {};
  const substituteFrom: string[] = [];
  if (value === undefined) return { substitute, substituteFrom };
  for (const [key, text] of Object.entries(
    isMap(valueAt(value, 'substitute')) ? (valueAt(value, 'substitute') as object) : {},
  )) {
    if (typeof text === 'string') substitute[key] = text.replaceAll('\n', '');
    else bad(`spec.postBuild.substitute.${key} must be a string`);
  }
  const sources = valueAt(value, 'substituteFrom') ?? [];
  for (const source of Array.isArray(sources) ? sources : []) {
    const name = valueAt(source, 'name');
    if (valueAt(source, 'kind') === 'ConfigMap' && typeof name === 'string') substituteFrom.push(name);
    else bad('spec.postBuild.substituteFrom may name only ConfigMaps; a Secret cannot be rendered from Git');
  }
  return { substitute, substituteFrom };
}

function readPatches(value: Json | undefined, built: BuiltObject, problems: Problems): Patch[] {
  if (value === undefined) return [];
  // The patch was itself put there by a patch of the entry point: name the document whose text holds it.
  const origin = built.origins.find(({ text }) => /^\s*patches:/m.test(text)) ?? built.origins[0];
  const place = `${origin.file}:${origin.line}`;
  if (!Array.isArray(value)) throw new ManifestError([`${place}: spec.patches must be a list`]);
  const patches = value.map((entry) => problems.collect(() => parsePatch(entry, origin, place)));
  return patches.filter((patch) => patch !== undefined);
}
