import { clusterFolder, readClusterSettings, settingsConfigMap } from '../clusterSettings';
import { type Json, type KubernetesObject, listOf, specOf, textOf, valueAt } from '../kubernetesObject';
import { ManifestError } from '../manifestError';
import type { TreeCluster, TreeKustomization, TreeObject } from '../tree';
import { isFluxKustomization } from './fluxKustomization';
import { buildFolder } from './kustomization';
import { renderApplied } from './renderApplied';
import { rootKustomization } from './renderCluster';

/** A cluster as far as it can be rendered in TypeScript. */
export interface RenderedTree extends TreeCluster {
  /** Why the Kustomizations that are `skipped` as `failed` could not be rendered, by their id. */
  failures: Record<string, string[]>;
}

/**
 * Everything that Flux applies on a cluster, without Go: the entry point, then the objects of every Kustomization whose source
 * is the repository. What cannot be rendered is in `failures`, and listed as failed in `kustomizations`. No object is validated.
 * @throws ManifestError if the entry point or the settings cannot be read
 */
export function renderAll(root: string, cluster: string): RenderedTree {
  const settings = readClusterSettings(root, cluster);
  const entry = clusterFolder(cluster);
  const id = `flux-system/${rootKustomization}`;
  const entryPoint = buildFolder(root, entry).map(({ object, origins: [origin] }) => ({ object, file: origin.file }));
  const kustomizations: TreeKustomization[] = [
    { ...identity(rootObject(entry)), id, file: `${entry}/kustomization.yaml`, path: entry, variables: {}, files: [] },
  ];
  const objects: TreeObject[] = entryPoint.map((applied) => treeObject(id, applied));
  const failures: Record<string, string[]> = {};
  const waiting = entryPoint
    .filter(({ object }) => isFluxKustomization(object))
    .map((applied) => ({ ...applied, parent: id }));
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { object, file, parent } = next;
    const own = identity(object);
    const path = textOf(specOf(object)['path']).replace(/^\.\/|\/$/g, '');
    const variables: Record<string, string> = {};
    const rendered: TreeKustomization = { ...own, parent, file, path, variables, files: [] };
    kustomizations.push(rendered);
    if (!isOwn(object)) {
      rendered.skipped = 'external';
      continue;
    }
    try {
      Object.assign(variables, variablesOf(object, settings.values));
      const applied = renderApplied(root, object, variables);
      objects.push(...applied.map((each) => treeObject(own.id, each)));
      waiting.push(
        ...applied.filter((each) => isFluxKustomization(each.object)).map((each) => ({ ...each, parent: own.id })),
      );
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      rendered.skipped = 'failed';
      failures[own.id] = [...error.problems];
    }
  }
  const coverage = { checked: 0, total: objects.length, kindsWithout: [] };
  return { name: cluster, entry, kustomizations, objects, problems: [], coverage, failures };
}

function rootObject(entry: string): KubernetesObject {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name: rootKustomization, namespace: 'flux-system' },
    spec: { path: `./${entry}`, prune: true },
  };
}

function identity(object: KubernetesObject): Pick<TreeKustomization, 'id' | 'name' | 'namespace' | 'object'> {
  const { name, namespace = '' } = object.metadata;
  return { id: `${namespace}/${name}`, name, namespace, object };
}

function treeObject(kustomization: string, { object, file }: { object: KubernetesObject; file: string }): TreeObject {
  return { kustomization, object, file, generated: false, variables: [] };
}

function isOwn(object: KubernetesObject): boolean {
  const source = specOf(object)['sourceRef'];
  return valueAt(source, 'kind') === 'GitRepository' && valueAt(source, 'name') === rootKustomization;
}

/** @throws ManifestError for a source that is not the settings: its values are known in the cluster only */
function variablesOf(object: KubernetesObject, settings: Readonly<Record<string, string>>): Record<string, string> {
  const postBuild = specOf(object)['postBuild'];
  const sources = listOf(valueAt(postBuild, 'substituteFrom'));
  const others = sources.filter(
    (source) => valueAt(source, 'kind') !== 'ConfigMap' || valueAt(source, 'name') !== settingsConfigMap.name,
  );
  if (others.length > 0) {
    const names = others.map((source) => `${textOf(valueAt(source, 'kind'))} ${textOf(valueAt(source, 'name'))}`);
    throw new ManifestError([
      `Kustomization ${object.metadata.name}: substitutes from ${names.join(', ')}, whose values only the cluster has`,
    ]);
  }
  const inline = valueAt(postBuild, 'substitute');
  const own = Object.entries(typeof inline === 'object' && inline !== null ? inline : {});
  return {
    ...(sources.length > 0 && settings),
    ...Object.fromEntries(own.map(([key, value]) => [key, textOf(value as Json, JSON.stringify(value))])),
  };
}
