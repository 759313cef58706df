import { setImmediate } from 'node:timers/promises';
import type { KubernetesClient } from '../../../clients/kubernetes/client';
import { isLeftAlone, withOwnerLabels } from '../../../gitops/drift/markers';
import { sourceOf } from '../../../gitops/drift/fluxStates';
import {
  type KubernetesObject,
  describeObject,
  isMap,
  listOf,
  textOf,
  valueAt,
} from '../../../gitops/kubernetesObject';
import { ManifestError } from '../../../gitops/manifestError';
import { renderApplied } from '../../../gitops/render/renderApplied';
import type { Wanted } from '../kubernetes/compareObject';
import { isKnown, type Known } from '../known';
import type { SourceTrees } from './sourceTrees';

/** What a Kustomization applied, rendered at the revision that it applied last. */
export interface RenderedKustomization {
  kustomization: KubernetesObject;
  /** Or why it could not be rendered. */
  objects: Known<readonly Wanted[]>;
}

/** What rendering needs. */
export interface RenderOptions {
  kustomizations: readonly KubernetesObject[];
  /** The sources of the cluster. */
  sources: readonly KubernetesObject[];
  trees: SourceTrees;
  api: KubernetesClient;
}

/**
 * Renders every Kustomization that has applied something, at the revision that it applied last. Variables come from the ConfigMaps
 * of the same tree where one Kustomization applies them, so that a ConfigMap that someone changed does not change what is wanted;
 * other ConfigMaps, and Secrets, are read from the cluster.
 */
export async function renderAll(options: RenderOptions): Promise<RenderedKustomization[]> {
  const { kustomizations } = options;
  const configMaps = new Map<string, KubernetesObject>();
  const rendered = new Map<KubernetesObject, RenderedKustomization>();
  const needsVariables = (one: KubernetesObject): boolean =>
    listOf(valueAt(one, 'spec', 'postBuild', 'substituteFrom')).length > 0;
  // Those without variables first: they apply the ConfigMaps with the settings.
  for (const later of [false, true]) {
    for (const kustomization of kustomizations.filter((one) => needsVariables(one) === later)) {
      // Rendering takes the processor: meanwhile, answers to other layers must not miss their deadlines.
      await setImmediate();
      const objects = await render(kustomization, configMaps, options);
      rendered.set(kustomization, { kustomization, objects });
      if (later || !isKnown(objects)) continue;
      for (const { object } of objects.value) {
        if (object.kind === 'ConfigMap') configMaps.set(keyOf(object.metadata.namespace, object.metadata.name), object);
      }
    }
  }
  return kustomizations.flatMap((one) => rendered.get(one) ?? []);
}

async function render(
  kustomization: KubernetesObject,
  configMaps: ReadonlyMap<string, KubernetesObject>,
  { sources, trees, api }: RenderOptions,
): Promise<Known<readonly Wanted[]>> {
  const reference = sourceOf(kustomization);
  const revision = textOf(valueAt(kustomization, 'status', 'lastAppliedRevision'));
  const source = sources.find(
    ({ kind, metadata: { name, namespace } }) =>
      kind === reference?.kind && name === reference.name && namespace === reference.namespace,
  );
  if (source === undefined) {
    const what = reference === undefined ? 'a source' : `${reference.kind} ${reference.namespace}/${reference.name}`;
    return { why: `it reads ${what}, which does not exist`, todo: 'correct spec.sourceRef, or restore the source' };
  }
  const tree = await trees.treeAt(source, revision);
  if (!isKnown(tree)) return tree;
  const variables = await variablesOf(kustomization, configMaps, api);
  if (!isKnown(variables)) return variables;
  try {
    const { name, namespace = '' } = kustomization.metadata;
    const applied = renderApplied(tree.value, kustomization, variables.value.values);
    return {
      value: applied.map(({ object }) => ({
        object: withOwnerLabels(object, { name, namespace }),
        owner: 'kustomize-controller',
        secrets: variables.value.secrets,
        onlyPresence: isLeftAlone(object),
      })),
    };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    const [first = ''] = error.problems;
    const more = error.problems.length > 1 ? ` (and ${error.problems.length - 1} more)` : '';
    const why = `it cannot be rendered at ${revision}: ${first.replace(/; [^;]*$/, '')}${more}`;
    return { why, todo: 'compare it with: flux diff kustomization' };
  }
}

/** The variables of a Kustomization, and those of their values that come from Secrets. */
async function variablesOf(
  kustomization: KubernetesObject,
  configMaps: ReadonlyMap<string, KubernetesObject>,
  api: KubernetesClient,
): Promise<Known<{ values: Record<string, string>; secrets: string[] }>> {
  const values: Record<string, string> = {};
  const secrets: string[] = [];
  const { namespace = '' } = kustomization.metadata;
  const postBuild = valueAt(kustomization, 'spec', 'postBuild');
  for (const source of listOf(valueAt(postBuild, 'substituteFrom'))) {
    const [kind, name] = [textOf(valueAt(source, 'kind')), textOf(valueAt(source, 'name'))];
    const plural = kind === 'Secret' ? 'secrets' : 'configmaps';
    const found =
      (kind === 'ConfigMap' ? configMaps.get(keyOf(namespace, name)) : undefined) ??
      (await api.get<KubernetesObject>(`/api/v1/namespaces/${namespace}/${plural}/${encodeURIComponent(name)}`));
    if (found === undefined && valueAt(source, 'optional') === true) continue;
    if (found === undefined) {
      return { why: `it substitutes from ${kind} ${namespace}/${name}, which does not exist`, todo: 'restore it' };
    }
    for (const [key, value] of Object.entries(isMap(found['data']) ? found['data'] : {})) {
      const text = kind === 'Secret' ? Buffer.from(textOf(value), 'base64').toString('utf8') : textOf(value);
      values[key] = text.replaceAll('\n', '');
      if (kind === 'Secret' && values[key] !== '') secrets.push(values[key]);
    }
  }
  const inline = valueAt(postBuild, 'substitute');
  for (const [key, value] of Object.entries(isMap(inline) ? inline : {}))
    values[key] = textOf(value).replaceAll('\n', '');
  return { value: { values, secrets } };
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

/** The names of what a rendered tree has, as findings name objects. */
export function renderedNames(rendered: readonly RenderedKustomization[]): Set<string> {
  return new Set(
    rendered.flatMap(({ objects }) =>
      isKnown(objects) ? objects.value.map(({ object }) => describeObject(object)) : [],
    ),
  );
}
