import type { ObjectPath } from '../sources';
import type { Location, Tree, TreeCluster, TreeObject } from '../tree';
import type { PodSecurityLevel, Pods } from './facts/pods';

export type Severity = 'error' | 'warning';

/** What a rule reports about one place. */
export interface RawFinding {
  at: Location;
  /** The object it is about, as `Kind namespace/name`; exemptions refer to it by this text. */
  object: string;
  /** What is wrong, including the offending values. */
  what: string;
  /** How to fix it. */
  todo: string;
  /** Names of the affected clusters; all clusters when omitted. */
  clusters?: string[];
  /** What several findings of the rule follow from, if that is not the line and the text: they are reported once. */
  cause?: string;
  /** What makes this finding or another one superfluous; see `withoutConsequences`. */
  overlap?: Overlap;
}

/** What two rules may say about one cause. */
export interface Overlap {
  /** Another finding at the same line says it. */
  sameLine?: boolean;
  /** The setting whose absence this finding reports, and all findings of unset variables of that name follow from. */
  setting?: string;
}

/** A place that a rule could not decide about. */
export interface RawNotChecked {
  cluster: TreeCluster;
  /** The object; absent if the rule could decide nothing on this cluster. */
  object?: TreeObject;
  path: ObjectPath;
  /** Why not. Few different texts for each rule, without names: validate counts by them. */
  reason: string;
  /** What was not checked, with names. */
  what: string;
}

/** How many places a rule looked at; those that several entries of one rule give are added. */
export interface LookedAt {
  places: number;
}

/** One rule. Its id is stable: exemptions, annotations and fixtures refer to it. */
export interface Check {
  id: string;
  severity: Severity;
  /** `general` applies to any Flux repository, `platform` only to this one. */
  set: 'general' | 'platform';
  /** Why it matters, in one sentence. */
  why: string;
  /**
   * What must be rendered completely, because the rule concludes from what is absent. The rule does not see a cluster that
   * is not; what it did not decide there is counted.
   */
  needs?: 'wholeCluster' | 'wholeTree';
  run(tree: Tree): Iterable<RawFinding | RawNotChecked | LookedAt>;
}

/** Something that a rule did not check, and why. */
export interface NotChecked extends Location {
  /** The rule's id; `charts` for what only `--charts` checks. */
  rule: string;
  object: string;
  /** Names of the clusters; empty if it is about all of them. */
  clusters: string[];
  reason: string;
  what: string;
}

/** A finding as it is reported. */
export interface Finding extends Location {
  id: string;
  severity: Severity;
  object: string;
  /** As in `RawFinding`. */
  cause?: string;
  /** As in `RawFinding`. */
  overlap?: Overlap;
  /** Other objects with the same cause. */
  also?: string[];
  clusters: string[];
  what: string;
  why: string;
  todo: string;
}

/** What a workload rule reports; the path is relative to the object. */
export interface WorkloadProblem {
  path: ObjectPath;
  what: string;
}

/** A rule about the pods of one object, whether it comes from Git or from a chart. */
export interface WorkloadRule extends Pick<Check, 'id' | 'severity' | 'why'> {
  todo: string;
  /** `level` is the Pod Security level that the pods' namespace enforces. */
  find: (pods: Pods, level: PodSecurityLevel) => Iterable<WorkloadProblem>;
}
