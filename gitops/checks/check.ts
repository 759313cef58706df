import type { Location, Tree } from '../tree';

export type Severity = 'error' | 'warning';

/** What a check says of one place. */
export interface RawFinding {
  at: Location;
  /** The object it is about, as `Kind namespace/name`; exemptions name it so. */
  object: string;
  /** What is wrong, with the values that are. */
  what: string;
  /** What to do about it. */
  todo: string;
  /** Names of the clusters it reaches; all when left out. */
  clusters?: string[];
}

/** One rule. Its id is stable: exemptions, annotations and fixtures name it. */
export interface Check {
  id: string;
  severity: Severity;
  /** `general` holds for any Flux repository; `platform` is a rule of this one. */
  set: 'general' | 'platform';
  /** Why it matters, in one sentence. */
  why: string;
  run(tree: Tree): Iterable<RawFinding>;
}

/** A finding as it is reported. */
export interface Finding extends Location {
  id: string;
  severity: Severity;
  object: string;
  clusters: string[];
  what: string;
  why: string;
  todo: string;
}
