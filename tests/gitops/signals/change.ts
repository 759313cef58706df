import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '../../../gitops/kubernetesObject';
import { type ClusterChange, type SchemaSource, clusterChange } from '../../../gitops/signals/clusterChange';
import { signalRules, signalsOf } from '../../../gitops/signals/registry';
import type { Signal } from '../../../gitops/signals/signal';
import type { Tree } from '../../../gitops/tree';
import { type HandKustomization, handTree } from '../checks/handTree';

/** One side of a change: the YAML of Kustomization `app`, or of several Kustomizations by name. */
export type State = string | Record<string, string | Side>;

/** A Kustomization of a state. */
export interface Side extends Pick<HandKustomization, 'skipped' | 'parent'> {
  yaml?: string;
  spec?: Record<string, unknown>;
}

/** A tree with the entry point and the state's Kustomizations, which prune and have one source. */
export function treeOf(state: State): Tree {
  const sides = typeof state === 'string' ? { app: state } : state;
  const below = Object.entries(sides).map(([name, value]): HandKustomization => {
    const {
      yaml = '',
      spec = {},
      parent = 'flux-system',
      skipped,
    }: Side = typeof value === 'string' ? { yaml: value } : value;
    return {
      name,
      parent,
      skipped,
      files: yaml === '' ? {} : { [`${name}/all.yaml`]: yaml },
      spec: { ...common, ...spec },
    };
  });
  return handTree([{ name: 'flux-system', spec: common }, ...below]);
}

const common = { prune: true, sourceRef: { kind: 'GitRepository', name: 'flux-system' } };

/** The change from one state to another; `charts` are what charts render, by the name of the release. */
export function changeOf(
  before: State,
  after: State,
  charts: { before?: Record<string, string>; after?: Record<string, string> } = {},
  schemas?: SchemaSource,
): ClusterChange {
  const trees = { before: withCharts(treeOf(before), charts.before), after: withCharts(treeOf(after), charts.after) };
  const [[old], [now]] = [trees.before.clusters, trees.after.clusters];
  if (old === undefined || now === undefined) throw new Error('a tree has a cluster');
  return clusterChange('one', trees, { before: old, after: now }, schemas);
}

function withCharts(tree: Tree, charts: Record<string, string> = {}): Tree {
  const objects = (tree.clusters[0]?.objects ?? []).flatMap((release) => {
    const text = release.object.kind === 'HelmRelease' ? charts[release.object.metadata.name] : undefined;
    return text === undefined ? [] : [[release, yamlObjects(text)] as const];
  });
  return { ...tree, chartObjects: new Map(objects) };
}

function yamlObjects(text: string): KubernetesObject[] {
  return parseAllDocuments(text).flatMap((document) => (document.toJS() as KubernetesObject | null) ?? []);
}

/** The signals of one rule. */
export function signalsBy(id: string, change: ClusterChange): Signal[] {
  const rules = signalRules.filter((rule) => rule.id === id);
  if (rules.length === 0) throw new Error(`there is no rule ${id}`);
  return signalsOf([change], rules);
}

/** The same as `object: what`. */
export function textsBy(id: string, change: ClusterChange): string[] {
  return signalsBy(id, change).map(({ object, what }) => `${object}: ${what}`);
}
