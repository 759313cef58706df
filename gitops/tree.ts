import type { KubernetesObject } from './kubernetesObject';

/** Where something is written: a file from the repository's root, and a line from 1. */
export interface Location {
  file: string;
  line: number;
}

/** A variable in the text of an object, before substitution. */
export interface VariableUse {
  name: string;
  /** Whether the text brings a value of its own, as `${NAME:-value}` does. */
  hasDefault: boolean;
}

/** An object as Flux applies it. */
export interface TreeObject {
  /** Id of the Flux Kustomization that applies it: `namespace/name`. */
  kustomization: string;
  object: KubernetesObject;
  /** The file that its own document, or the generator that made it, stands in; from the repository's root. */
  file: string;
  /** Whether a generator made it, so that `file` is a kustomization.yaml. */
  generated: boolean;
  /** Variables in its text; each name once. */
  variables: VariableUse[];
  /** Whether SOPS hides values of it: a placeholder stands for each. */
  encrypted?: boolean;
}

/** A Flux Kustomization, and what became of it. */
export interface TreeKustomization {
  /** `namespace/name`. */
  id: string;
  name: string;
  namespace: string;
  /** The object as its parent applies it; for the entry point one that the tool made up. */
  object: KubernetesObject;
  /** The Kustomization that applies it; absent for the entry point. */
  parent?: string;
  /** File that it is written in; for the entry point the folder's kustomization file, or the folder. */
  file: string;
  /** Folder from the repository's root, without leading `./`. */
  path: string;
  /** Why its folder was not rendered: `external` source, `suspended`, or `failed`. Absent when it was. */
  skipped?: 'external' | 'suspended' | 'failed';
  /** Values that its text is substituted with; empty when nothing is substituted. */
  variables: Record<string, string>;
  /** Files of the repository that were read for it, sorted. */
  files: string[];
}

/** What the renderer or a schema found wrong. Becomes a finding of the same id. */
export interface TreeProblem {
  id: string;
  kustomization: string;
  /** Index into the cluster's objects, when it is about an object. */
  object?: number;
  /** Path in that object: `spec.values.replicas`, list items as `[0]`. */
  field?: string;
  /** File from the repository's root, when it is about one. */
  file?: string;
  line?: number;
  what: string;
}

/** One cluster (for a foreign repository: one entry point), rendered. */
export interface TreeCluster {
  name: string;
  /** Folder that Flux starts at, from the repository's root. */
  entry: string;
  /** The entry point first, then each where it is applied. */
  kustomizations: TreeKustomization[];
  objects: TreeObject[];
  problems: TreeProblem[];
  coverage: Coverage;
}

/** Whether everything of a cluster that Git holds was rendered; when not, nothing may be concluded from what is absent. */
export function isComplete({ kustomizations }: TreeCluster): boolean {
  return kustomizations.every(({ skipped }) => skipped !== 'failed');
}

/** How many objects were checked by a schema. */
export interface Coverage {
  checked: number;
  total: number;
  /** `group/version/Kind` of the objects that have none, sorted. */
  kindsWithout: string[];
}

/** What the program does before Flux is there, as far as Git must agree with it. */
export interface ProgramFacts {
  /** Keys of the cluster settings that it reads. */
  settings: readonly string[];
  /** Namespaces that it makes. */
  namespaces: readonly string[];
  /** Secrets that it seeds; a name that is a cluster setting is given by the setting's key. */
  secrets: readonly ({ namespace: string } & ({ name: string } | { setting: string }))[];
  /** ConfigMaps that it seeds, each with its one key. */
  configMaps: readonly { namespace: string; name: string; key: string }[];
  /** Kustomizations whose one HelmRelease it installs first, by name. */
  releases: readonly string[];
  /** Where those Kustomizations are. */
  fluxNamespace: string;
}

/** Everything that Git says. */
export interface Tree {
  /** Absolute path of the repository. */
  root: string;
  clusters: TreeCluster[];
  /** Names of the stacks (`Pulumi.<name>.yaml`); empty for a foreign repository. */
  stacks: string[];
  /** What the program does; absent for a foreign repository. */
  program?: ProgramFacts;
  /** Every file of the repository that Flux's source would hold below the GitOps folder, sorted. */
  files: string[];
  /** Reads a file of the repository as text; undefined when it is not there. */
  read(file: string): string | undefined;
}
