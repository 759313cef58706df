import { posix } from 'node:path';
import { durationSeconds } from '../duration';
import {
  type BuiltObject,
  type Json,
  type JsonMap,
  type KubernetesObject,
  groupOf,
  isMap,
  valueAt,
} from '../kubernetesObject';
import { ManifestError, Problems } from '../manifestError';
import { type Patch, parsePatch } from './patchList';

/** A Flux Kustomization of a cluster, as the cluster's entry point defines it. */
export interface FluxKustomization {
  name: string;
  namespace: string;
  /** Folder in the source, without leading `./`. The source is this repository unless `sourceRef` names another. */
  path: string;
  sourceRef: { kind: string; name: string; namespace: string };
  /** Names of Kustomizations in the same namespace that must be ready first. */
  dependsOn: string[];
  wait: boolean;
  prune: boolean;
  /** Whether reconciliation is suspended. */
  suspended: boolean;
  /** Timeout of one reconciliation, health checks included; Flux defaults to the interval. */
  timeoutSeconds: number | undefined;
  serviceAccountName: string | undefined;
  /** Names of the ConfigMaps that provide variables. */
  substituteFrom: string[];
  /** Inline variables, which take precedence over those of the ConfigMaps. */
  substitute: Record<string, string>;
  /** Patches that Flux applies in addition to the folder's own. */
  patches: Patch[];
  /** File of its own document. */
  file: string;
  line: number;
  /** The full object, after the entry point's patches. */
  object: KubernetesObject;
}

/** Whether an object is a Flux Kustomization. */
export function isFluxKustomization(object: KubernetesObject): boolean {
  return object.kind === 'Kustomization' && groupOf(object) === 'kustomize.toolkit.fluxcd.io';
}

const supportedFields = new Set(
  (
    'deletionPolicy dependsOn force healthCheckExprs healthChecks interval patches path postBuild prune ' +
    'retryInterval serviceAccountName sourceRef suspend timeout wait'
  ).split(' '),
);

/** Whether a Kustomization applies another repository, which this program does not render: its namespace is Flux's concern. */
export const isOfOthers = (spec: JsonMap): boolean =>
  valueAt(spec, 'sourceRef', 'kind') !== 'GitRepository' || valueAt(spec, 'sourceRef', 'name') !== 'flux-system';

/** Reads a rendered Flux Kustomization. Throws a ManifestError for missing, invalid and unsupported fields. */
export function readFluxKustomization(built: BuiltObject): FluxKustomization {
  const { object, origins } = built;
  const [origin] = origins;
  const { name, namespace = '' } = object.metadata;
  const place = `${origin.file}:${origin.line}`;
  const problems = new Problems();
  const addProblem = (what: string): void => problems.add(place, `Kustomization ${name}: ${what}`);
  const spec = isMap(object['spec']) ? object['spec'] : {};
  const text = (field: string, ...path: string[]): string => {
    const value = valueAt(spec, ...path);
    if (typeof value === 'string' && value !== '') return value;
    addProblem(`${field} is missing; set it here or in the cluster's shared defaults`);
    return '';
  };
  for (const field of Object.keys(spec)) {
    if (!supportedFields.has(field) && !(field === 'targetNamespace' && isOfOthers(spec)))
      addProblem(`spec.${field} is not supported; remove it`);
  }
  if (namespace === '') addProblem('metadata.namespace is missing; platform Kustomizations belong in flux-system');
  for (const field of ['interval', 'retryInterval', 'timeout']) {
    const value = spec[field];
    if (value !== undefined && durationSeconds(value) === undefined)
      addProblem(`spec.${field} must be a duration such as 10m`);
  }
  if (durationSeconds(spec['interval']) === undefined) text('spec.interval', 'interval');
  if (typeof spec['prune'] !== 'boolean') addProblem('spec.prune must be true or false');
  const sourceNamespace = valueAt(spec, 'sourceRef', 'namespace') ?? namespace;
  if (sourceNamespace !== namespace)
    addProblem('spec.sourceRef crosses namespaces, which Flux refuses here; remove its namespace');
  const path = posix.normalize(text('spec.path', 'path')).replace(/^\.\/|\/$/g, '');
  if (posix.isAbsolute(path) || path.startsWith('..'))
    addProblem(`spec.path ${path} is outside the source; use a folder inside it`);
  const kustomization: FluxKustomization = {
    name,
    namespace,
    path,
    sourceRef: {
      kind: text('spec.sourceRef.kind', 'sourceRef', 'kind'),
      name: text('spec.sourceRef.name', 'sourceRef', 'name'),
      namespace,
    },
    dependsOn: readDependsOn(spec['dependsOn'], namespace, addProblem),
    wait: spec['wait'] === true,
    prune: spec['prune'] === true,
    suspended: spec['suspend'] === true,
    timeoutSeconds: durationSeconds(spec['timeout']),
    serviceAccountName: typeof spec['serviceAccountName'] === 'string' ? spec['serviceAccountName'] : undefined,
    ...readPostBuild(spec['postBuild'], addProblem),
    patches: readPatches(spec['patches'], built, problems),
    file: origin.file,
    line: origin.line,
    object,
  };
  problems.throwIfAny();
  return kustomization;
}

function readDependsOn(value: Json | undefined, namespace: string, addProblem: (what: string) => void): string[] {
  if (value === undefined) return [];
  const entries = Array.isArray(value) ? value : [];
  const names = entries.flatMap((entry) => {
    const name = valueAt(entry, 'name');
    const other = valueAt(entry, 'namespace') ?? namespace;
    return typeof name === 'string' && other === namespace ? [name] : [];
  });
  if (!Array.isArray(value) || names.length !== value.length) {
    addProblem(`spec.dependsOn must be a list of Kustomization names in ${namespace}`);
  }
  return names;
}

function readPostBuild(
  value: Json | undefined,
  addProblem: (what: string) => void,
): Pick<FluxKustomization, 'substitute' | 'substituteFrom'> {
  const substitute: Record<string, string> = {};
  const substituteFrom: string[] = [];
  if (value === undefined) return { substitute, substituteFrom };
  for (const [key, text] of Object.entries(
    isMap(valueAt(value, 'substitute')) ? (valueAt(value, 'substitute') as object) : {},
  )) {
    if (typeof text === 'string') substitute[key] = text.replaceAll('\n', '');
    else addProblem(`spec.postBuild.substitute.${key} must be a string`);
  }
  const sources = valueAt(value, 'substituteFrom') ?? [];
  for (const source of Array.isArray(sources) ? sources : []) {
    const name = valueAt(source, 'name');
    if (valueAt(source, 'kind') === 'ConfigMap' && typeof name === 'string') substituteFrom.push(name);
    else
      addProblem('spec.postBuild.substituteFrom must reference only ConfigMaps; a Secret cannot be rendered from Git');
  }
  return { substitute, substituteFrom };
}

/** The patches in `spec.patches`; adds those that cannot be read to `problems`. */
export function readPatches(value: Json | undefined, built: BuiltObject, problems: Problems): Patch[] {
  if (value === undefined) return [];
  // The entry point may add spec.patches with a patch of its own: report the document whose text contains it.
  const origin = built.origins.find(({ text }) => /^\s*patches:/m.test(text)) ?? built.origins[0];
  const place = `${origin.file}:${origin.line}`;
  if (!Array.isArray(value)) throw new ManifestError([`${place}: spec.patches must be a list`]);
  const patches = value.map((entry) => problems.collect(() => parsePatch(entry, origin, place)));
  return patches.filter((patch) => patch !== undefined);
}
