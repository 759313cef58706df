import type { Json, JsonMap } from '../../gitops/kubernetesObject';
import type { RenderedTree } from '../../gitops/render/renderAll';
import type { AppliedKustomization } from './fluxPlan';

/** What `up` of a stack leads to. Everything in it can be shown. */
export interface StackPlan {
  stack: string;
  versions: { talos: string; kubernetes: string };
  /** The format of the machine configurations, such as `v1.11.2`; of a cluster that exists, that of its first version. */
  format: string;
  /** In the order in which they are created. */
  resources: PlannedResource[];
  /** In the order of a roll. */
  machines: PlannedMachine[];
  crds: PlannedCrds[];
  /** The stages of the core, in order; the releases of one are installed together. */
  core: PlannedRelease[][];
  /** The Kustomizations that the handover waits for, and why not for the others. */
  handover: { awaited: string[]; skipped: { name: string; why: string }[] };
  /** What Flux applies then, each Kustomization after those that it depends on. */
  flux: AppliedKustomization[];
}

/** A resource of the program. */
export interface PlannedResource {
  /** `MachineConfiguration home-01` */
  id: string;
  /** As the engine knows it: `platform:index:MachineConfiguration`. */
  type: string;
  name: string;
  /** The id of the component that it belongs to. */
  parent?: string;
  /** Ids of the resources that must be there first, without its own component. */
  after: string[];
  /** With `[secret …]` for secrets, and `[unknown …]` for what is known only once another resource exists. */
  inputs: JsonMap;
  /** Inputs whose changes are ignored. */
  ignored: string[];
}

/** A machine as the program configures it. */
export interface PlannedMachine {
  name: string;
  role: string;
  address: string;
  /** The machines that are finished before this one is changed. */
  after: string[];
  /** What it runs; the schematic is absent for an image of which it is not known. */
  system: { version: string; schematic?: string; image: string };
  /** The documents of its configuration, secrets masked. */
  documents: JsonMap[];
  /** Why Talos would refuse its configuration. */
  refused?: string;
}

/** CustomResourceDefinitions that are installed before the core. */
export interface PlannedCrds {
  name: string;
  /** A chart's URL and version, or the paths in Git. */
  from: string;
}

/** A release of the core. */
export interface PlannedRelease {
  name: string;
  namespace: string;
  chart: string;
  version: string;
  values: Json;
  /** The file of its HelmRelease. */
  file?: string;
}

/** A plan, and what only its comparison with another needs: it is never printed as it is. */
export interface ComparablePlan {
  plan: StackPlan;
  /** The machine configurations by name, as YAML. Secrets of the stack's files may be in them. */
  configurations: ReadonlyMap<string, string>;
  cluster: RenderedTree;
}
