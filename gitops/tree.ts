import type { KubernetesObject } from './kubernetesObject';

/** A source location: a file relative to the repository root, and a 1-based line. */
export interface Location {
  file: string;
  line: number;
}

/** A variable in an object's text, before substitution. */
export interface VariableUse {
  name: string;
  /** Whether the text includes a default, as in `${NAME:-value}`. */
  hasDefault: boolean;
}

/** An object as Flux applies it. */
export interface TreeObject {
  /** Id of the Flux Kustomization that applies it: `namespace/name`. */
  kustomization: string;
  object: KubernetesObject;
  /** The file that contains its document, or the generator that creates it; relative to the repository root. */
  file: string;
  /** Whether a generator creates it; `file` is then a kustomization.yaml. */
  generated: boolean;
  /** Variables in its text, without duplicates. */
  variables: VariableUse[];
  /** Whether SOPS encrypts some of its values; each is replaced by a placeholder. */
  encrypted?: boolean;
  /** The HelmRelease whose chart renders it, as `namespace/name`; absent for what is in Git. */
  release?: string;
}

/** A Flux Kustomization and the result of rendering it. */
export interface TreeKustomization {
  /** `namespace/name`. */
  id: string;
  name: string;
  namespace: string;
  /** The object as its parent applies it; synthetic for the entry point. */
  object: KubernetesObject;
  /** The Kustomization that applies it; absent for the entry point. */
  parent?: string;
  /** The file that defines it; for the entry point the folder's kustomization file, or the folder. */
  file: string;
  /** Folder relative to the repository root, without leading `./`. */
  path: string;
  /** Why its folder was not rendered: `external` source, `suspended`, or `failed`. Absent if it was rendered. */
  skipped?: 'external' | 'suspended' | 'failed';
  /** Values for substitution; empty if nothing is substituted. */
  variables: Record<string, string>;
  /** Files of the repository read to render it, sorted. */
  files: string[];
}

/** A problem that the renderer or a schema reported. Becomes a finding with the same id. */
export interface TreeProblem {
  id: string;
  kustomization: string;
  /** Index into the cluster's objects, if it concerns an object. */
  object?: number;
  /** Path in that object: `spec.values.replicas`, list items as `[0]`. */
  field?: string;
  /** File relative to the repository root, if it concerns one. */
  file?: string;
  line?: number;
  what: string;
}

/** One rendered cluster; for another repository, one rendered entry point. */
export interface TreeCluster {
  name: string;
  /** Folder of the entry point, relative to the repository root. */
  entry: string;
  /** The entry point first, then the others in the order in which they are applied. */
  kustomizations: TreeKustomization[];
  objects: TreeObject[];
  problems: TreeProblem[];
  coverage: Coverage;
}

/**
 * Whether the whole cluster was rendered. If not, an object's absence from the tree proves nothing. An empty manifest
 * renders, but what belongs into it is missing as well.
 */
export function isComplete({ kustomizations, problems }: TreeCluster): boolean {
  return (
    kustomizations.every(({ skipped }) => skipped !== 'failed') && !problems.some(({ id }) => id === 'manifest-empty')
  );
}

/** How many objects were validated against a schema. */
export interface Coverage {
  checked: number;
  total: number;
  /** `group/version/Kind` of the objects without a schema, sorted. */
  kindsWithout: string[];
}

/** What the program does before Flux runs, as far as Git must agree with it. */
export interface ProgramFacts {
  /** Keys of the cluster settings it reads. */
  settings: readonly string[];
  /** Namespaces it creates. */
  namespaces: readonly string[];
  /** Secrets it creates; a name that comes from a cluster setting is given as the setting's key. */
  secrets: readonly ({ namespace: string } & ({ name: string } | { setting: string }))[];
  /** ConfigMaps it creates, each with its only key. */
  configMaps: readonly { namespace: string; name: string; key: string }[];
  /** Names of the Kustomizations whose only HelmRelease it installs first. */
  releases: readonly string[];
  /** Namespace of those Kustomizations. */
  fluxNamespace: string;
  /**
   * The labels of each node that follow from the machine configurations of a stack, by the stack's configuration; absent in
   * handwritten trees.
   */
  nodeLabels?: (values: Readonly<Record<string, unknown>>) => Record<string, string>[];
}

/** Something that the program refuses in the definition of a cluster. */
export interface DefinitionProblem {
  /** The name of the cluster, which is also its stack's. */
  stack: string;
  /** In the stack file, the cluster settings or a manifest that the program reads. */
  at: Location;
  what: string;
  todo: string;
  /** Whether a file cannot be read or rendered, which Flux's own renderer may report at the same line. */
  ofManifest?: boolean;
  /** The key of the setting, if the cluster lacks it. */
  setting?: string;
}

/** A whole repository: every cluster rendered, and the files behind it. */
export interface Tree {
  /** Absolute path of the repository. */
  root: string;
  clusters: TreeCluster[];
  /** Names of the stacks (`Pulumi.<name>.yaml`); empty for another repository. */
  stacks: string[];
  /** What the program does; absent for another repository. */
  program?: ProgramFacts;
  /** What the program refuses; absent if the repository has no project of its kind. */
  definitions?: readonly DefinitionProblem[];
  /** What the chart of each HelmRelease renders, where it was rendered: only with `--charts`. */
  chartObjects?: ReadonlyMap<TreeObject, readonly KubernetesObject[]>;
  /** Every file under the GitOps folder that Flux's source artifact would contain, sorted. */
  files: string[];
  /** Reads a file of the repository as text; undefined if it does not exist. */
  read(file: string): string | undefined;
  /** Whether the repository has a file or folder, also where Flux does not look. */
  exists(path: string): boolean;
}
