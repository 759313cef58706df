import type { DriftContext } from './context';

/**
 * The layers of a cluster, in the order in which the report shows them. Where two findings explain each other, that of the
 * earlier layer is reported.
 */
export const layerNames = ['machines', 'pulumi', 'core', 'flux', 'secrets', 'edge'] as const;
export type LayerName = (typeof layerNames)[number];

/** Something that is not as Git, the stack's configuration or the state says. Never contains a secret. */
export interface Drift {
  /** The kind of drift, stable between versions: `machine-configuration`, `flux-suspended`, … */
  id: string;
  layer: LayerName;
  /** Who should have kept it as wanted, for a person: `Pulumi`, `HelmRelease kube-system/coredns`, … */
  owner: string;
  /**
   * `Kind namespace/name` of a Kubernetes object; `machine <name>`, `item <title>`, `record <name>` of anything else. A resource
   * of the state is `resource <type> <name>`, by `resourceObject`, so that a finding about what it manages can explain it.
   */
  object: string;
  /** The field, as a path: `machine.sysctls["vm.nr_hugepages"]`, `spec.replicas`; absent if it is about the whole object. */
  field?: string;
  /** Short text; absent if nothing is wanted there. */
  wanted?: string;
  /** Short text; absent if there is nothing. */
  found?: string;
  /** What is wrong, if wanted and found do not say it. */
  why?: string;
  /** ISO 8601, if known. */
  since?: string;
  /** What to do, as an imperative clause. */
  todo: string;
  /**
   * Other objects, named as `object` is, that are not as they should be because of this: findings about them are left out.
   */
  explains?: readonly string[];
  /** Other names of the object, that findings explain it by: of a Kubernetes object in the state, that of its resource. */
  aliases?: readonly string[];
  /** How `--fix` ends it; absent if that is not safe, or a person must decide. */
  fix?: DriftFix;
}

/** An action that ends a drift: safe to run again, and safe if the drift is gone already. */
export interface DriftFix {
  /**
   * What it does, as a clause for a person: `resume Kustomization flux-system/coredns`. Findings of a stack whose fixes have the
   * same text share one, which runs once.
   */
  describe: string;
  /** What it would change, as text for a person, before the confirmation; absent if `describe` says it. Changes nothing. */
  preview?(context: DriftContext): Promise<string>;
  /**
   * Does it, with a context of its own that is read after the confirmation, and waits (bounded) until it has taken effect, so that
   * the next comparison sees it. Throws an Error with the reason if it fails.
   */
  run(context: DriftContext): Promise<void>;
}

/** Something that could not be compared, and why. It is not drift, and its absence is not known either. */
export interface CouldNotTell {
  layer: LayerName;
  /** What, named as the `object` of a drift; or words for many: `the machine configurations`. */
  object: string;
  why: string;
  /** How to be able to tell, as an imperative clause. */
  todo: string;
}

/** What a layer found. */
export interface LayerFindings {
  drift: Drift[];
  couldNotTell: CouldNotTell[];
  /** How many objects were compared: 0 with nothing in `couldNotTell` is a fault of the check. */
  compared: number;
}

/** The findings about one stack. */
export interface StackDrift {
  stack: string;
  drift: Drift[];
  couldNotTell: CouldNotTell[];
  /** Accepted by a row of the ignore list. */
  ignored: Drift[];
  /** Objects that were compared, by layer. */
  compared: Partial<Record<LayerName, number>>;
  seconds: number;
}

/** Exit codes: a run that could not tell is not to be trusted, so its code wins over that of drift. */
export const driftExit = { none: 0, couldNotTell: 1, drift: 2 } as const;

/** The exit code of a run. */
export function exitCodeOf(stacks: readonly Pick<StackDrift, 'drift' | 'couldNotTell'>[]): number {
  if (stacks.some(({ couldNotTell }) => couldNotTell.length > 0)) return driftExit.couldNotTell;
  return stacks.some(({ drift }) => drift.length > 0) ? driftExit.drift : driftExit.none;
}

/** Orders findings by layer. */
export function compareLayer(a: Pick<Drift, 'layer'>, b: Pick<Drift, 'layer'>): number {
  return layerNames.indexOf(a.layer) - layerNames.indexOf(b.layer);
}
