import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { clusterFolder, readClusterSettings, settingsConfigMap } from './clusterSettings';
import { aFile, everyField, itemReads } from './itemReads';
import type { BuiltObject } from './kubernetesObject';
import { ManifestError } from './manifestError';
import { type FluxKustomization, isFluxKustomization, readFluxKustomization } from './render/fluxKustomization';
import { buildFolder } from './render/kustomization';
import { isOwnSource, isSubstitutionOff } from './render/renderCluster';
import { substitute } from './render/substitute';

/** Who uses something: the first place of a Flux Kustomization that does. */
export interface SystemUse {
  kustomization: string;
  /** `<file>:<line>`. */
  place: string;
}

/** What a cluster lists, and what that demands of its settings and of 1Password. */
export interface ListedSystems {
  /** In the order in which the cluster's entry point has them. */
  kustomizations: { name: string; path: string; place: string }[];
  /** Variables that manifests use without a default, with the first use. */
  variables: ReadonlyMap<string, SystemUse>;
  /**
   * 1Password fields that ExternalSecrets read, after substitution where the settings exist. `field` is `*` where all
   * fields of an item are read.
   */
  vaultFields: { title: string; field: string; by: SystemUse }[];
  /**
   * The Kustomizations whose folders this program cannot build, so that what they demand is not known. `npm run validate`
   * says why, with Flux's own renderer.
   */
  unknown: readonly string[];
}

/**
 * Reads what a cluster's entry point lists. Throws a ManifestError if the entry point itself cannot be built; settings that
 * cannot be read are another's problem.
 */
export function readListedSystems(root: string, cluster: string): ListedSystems {
  const settings = settingsOf(root, cluster);
  const variables = new Map<string, SystemUse>();
  const systems = { kustomizations: [], vaultFields: [] } as Pick<ListedSystems, 'kustomizations' | 'vaultFields'>;
  const unknown: string[] = [];
  const waiting = buildFolder(root, clusterFolder(cluster)).filter(({ object }) => isFluxKustomization(object));
  const seen = new Set<string>();
  for (let built = waiting.shift(); built !== undefined; built = waiting.shift()) {
    const { name, namespace } = built.object.metadata;
    if (seen.has(`${namespace}/${name}`)) continue;
    seen.add(`${namespace}/${name}`);
    const objects = collect(() => objectsOf(root, built));
    const [{ file, line }] = built.origins;
    systems.kustomizations.push({ name, path: objects?.kustomization.path ?? '', place: `${file}:${line}` });
    if (objects === undefined) {
      unknown.push(name);
      continue;
    }
    const values = valuesOf(objects.kustomization, settings);
    for (const applied of objects.applied) {
      for (const variable of values === undefined ? [] : demandedVariables(applied)) {
        if (Object.hasOwn(objects.kustomization.substitute, variable) || variables.has(variable)) continue;
        variables.set(variable, { kustomization: name, place: placeOf(applied, `\${${variable}}`) });
      }
      const { object } = values === undefined ? applied : substitute(applied.object, values);
      if (isFluxKustomization(object)) waiting.push({ ...applied, object });
      for (const { title, field } of itemReads(object)) {
        if (field === aFile) continue;
        const by = { kustomization: name, place: placeOf(applied, '') };
        systems.vaultFields.push({ title, field: field === everyField ? '*' : field, by });
      }
    }
  }
  return { ...systems, variables, unknown };
}

/** Whether a cluster lists a Flux Kustomization of that name. */
export function lists({ kustomizations }: Pick<ListedSystems, 'kustomizations'>, name: string): boolean {
  return kustomizations.some((kustomization) => kustomization.name === name);
}

function settingsOf(root: string, cluster: string): Readonly<Record<string, string>> {
  return collect(() => readClusterSettings(root, cluster).values) ?? {};
}

/** The result of a step; undefined if it throws a ManifestError. */
function collect<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return undefined;
  }
}

/** A Kustomization and the objects that it applies; none if its source is another repository, which demands nothing here. */
function objectsOf(root: string, built: BuiltObject): { kustomization: FluxKustomization; applied: BuiltObject[] } {
  const kustomization = readFluxKustomization(built);
  if (!isOwnSource(kustomization)) return { kustomization, applied: [] };
  const { path, patches, file, line, name } = kustomization;
  if (!existsSync(join(root, path))) throw new ManifestError([`${file}:${line}: path of ${name} does not exist`]);
  return { kustomization, applied: buildFolder(root, path, patches, 'plain') };
}

/** What a Kustomization substitutes, as a tenant's does without the settings; undefined if it leaves variables alone. */
function valuesOf(
  { substituteFrom, substitute: own }: FluxKustomization,
  settings: Readonly<Record<string, string>>,
): Record<string, string> | undefined {
  if (substituteFrom.includes(settingsConfigMap.name)) return { ...settings, ...own };
  return Object.keys(own).length > 0 && substituteFrom.length === 0 ? own : undefined;
}

/** The variables of an object that have no default. `$$` is a dollar sign, which hides one. */
function demandedVariables({ object }: BuiltObject): string[] {
  if (isSubstitutionOff(object)) return [];
  const found = JSON.stringify(object).matchAll(/\$\$|\$\{(\w+)\}/g);
  return [...found].flatMap(([, name]) => (name === undefined ? [] : [name]));
}

/** The first line, other than a comment, of the documents of an object with a text; that of its own document otherwise. */
function placeOf({ origins }: BuiltObject, text: string): string {
  for (const { file, line, text: document } of text === '' ? [] : origins) {
    const at = document.split('\n').findIndex((content) => content.includes(text) && !/^\s*#/.test(content));
    if (at !== -1) return `${file}:${line + at}`;
  }
  return `${origins[0].file}:${origins[0].line}`;
}
