import { parseAllDocuments } from 'yaml';
import type { Check } from '../../../gitops/checks/check';
import { collectFindings } from '../../../gitops/findings';
import type { KubernetesObject } from '../../../gitops/kubernetesObject';
import type { ProgramFacts, Tree, TreeCluster, TreeKustomization, TreeObject } from '../../../gitops/tree';

/** One Flux Kustomization of a handwritten tree. */
export interface HandKustomization {
  name: string;
  /** Name of the Kustomization that applies it; the entry point is `flux-system`. Absent for the entry point. */
  parent?: string;
  spec?: Record<string, unknown>;
  skipped?: TreeKustomization['skipped'];
  /** Its files by path relative to the repository root, before substitution. */
  files?: Record<string, string>;
  variables?: Record<string, string>;
}

/** A handwritten tree: one cluster `one`, its Kustomizations in flux-system, objects as in their files. */
export function handTree(kustomizations: HandKustomization[], extra: Partial<Tree> = {}): Tree {
  const texts = new Map<string, string>();
  for (const { files = {} } of kustomizations) for (const [file, text] of Object.entries(files)) texts.set(file, text);
  const cluster: TreeCluster = {
    name: 'one',
    entry: 'clusters/one',
    kustomizations: kustomizations.map(treeKustomization),
    objects: kustomizations.flatMap(objectsOf),
    problems: [],
    coverage: { checked: 0, total: 0, kindsWithout: [] },
  };
  for (const { id, object, parent } of cluster.kustomizations) {
    if (parent === undefined) continue;
    cluster.objects.push({ kustomization: parent, object, file: `${id}.yaml`, generated: false, variables: [] });
  }
  return {
    root: '/nowhere',
    clusters: [cluster],
    stacks: [],
    files: [...texts.keys()].sort(),
    read: (file) => texts.get(file),
    exists: (path) => texts.has(path),
    ...extra,
  };
}

function treeKustomization(kustomization: HandKustomization): TreeKustomization {
  const { name, parent, skipped, spec = {}, files = {}, variables = {} } = kustomization;
  return {
    id: `flux-system/${name}`,
    name,
    namespace: 'flux-system',
    object: {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name, namespace: 'flux-system' },
      spec: spec as KubernetesObject,
    },
    parent: parent === undefined ? undefined : `flux-system/${parent}`,
    file: `flux-system/${name}.yaml`,
    path: name,
    skipped,
    variables,
    files: Object.keys(files).sort(),
  };
}

function objectsOf({ name, files = {} }: HandKustomization): TreeObject[] {
  return Object.entries(files).flatMap(([file, text]) =>
    parseAllDocuments(text).flatMap((document): TreeObject[] => {
      const object = document.toJS() as KubernetesObject | null;
      if (object === null || object.apiVersion?.startsWith('kustomize.config')) return [];
      const uses = [...text.matchAll(/(?<!\$)\$\{(\w+)(:?[-=])?/g)];
      const variables = uses.map(([, variable = '', sign]) => ({ name: variable, hasDefault: sign !== undefined }));
      return [{ kustomization: `flux-system/${name}`, object, file, generated: false, variables }];
    }),
  );
}

/** Facts of a program that makes nothing: with them, a tree counts as this repository. */
export const idleProgram: ProgramFacts = {
  settings: [],
  namespaces: [],
  secrets: [],
  configMaps: [],
  releases: [],
  fluxNamespace: 'flux-system',
};

/** The findings of a check, as `file:line what`. */
export function findingsOf(check: Check, tree: Tree): string[] {
  return [...check.run(tree)].flatMap((raw) => ('at' in raw ? [`${raw.at.file}:${raw.at.line} ${raw.what}`] : []));
}

/** What a check could not decide, as `object what: reason`. */
export function notCheckedBy(check: Check, tree: Tree): string[] {
  const { notChecked } = collectFindings(tree, { checks: [check] });
  return notChecked.map(({ object, what, reason }) => `${object} ${what}: ${reason}`);
}
