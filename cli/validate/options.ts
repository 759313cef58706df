import type { Check, Finding, NotChecked } from '../../gitops/checks/check';
import type { Coverage, Tree } from '../../gitops/tree';
import type { GitFacts } from './gitFacts';

/** Which tree to render, and how. */
export interface TreeOptions {
  /** Folder of the repository. */
  root: string;
  /** Entry points of a foreign repository, relative to its root. Empty for this layout: every folder in kubernetes/clusters. */
  entries?: readonly string[];
  /** Files with ConfigMaps and Secrets, or with KEY=value lines, that exist on the cluster but not in Git. */
  settings?: readonly string[];
  /** Substitute like Flux without strict mode: an unset variable is empty. */
  lenient?: boolean;
  /** Whether to cache rendered folders for the next run; default true. */
  cache?: boolean;
  /** Whether to build the pinned renderer and schemas if they are missing; default true. */
  build?: boolean;
  /** Path of a renderer to use instead of the pinned one. */
  renderer?: string;
  /** Folder of schemas to use instead of the pinned ones; empty for none. */
  schemas?: string;
  /** Git facts of the folder, for a folder that is not a working copy itself. */
  git?: GitFacts;
  /** Called with what validate is waiting for. */
  onProgress?: (line: string) => void;
}

/** How to check a tree. */
export interface CheckOptions {
  /** Report only findings that affect one of these clusters. */
  clusters?: readonly string[];
  /** Rules to run instead of all of them. */
  checks?: readonly Check[];
  /** The date, as YYYY-MM-DD, that decides whether an exemption has expired; default today. */
  today?: string;
}

/** What `npm run validate -- --json` prints. */
export interface ValidateResult {
  findings: Finding[];
  /** Number of findings that EXCEPTIONS.md exempts. */
  exempted: number;
  /** Number of rendered objects, summed over the clusters. */
  objects: number;
  kustomizations: number;
  coverage: Coverage;
  notChecked: NotChecked[];
  /** How many places each rule looked at, by id, for the rules that count them. */
  places: Record<string, number>;
  /** The objects that demand volumes: how many there are, are backed up, and may go without by EXCEPTIONS.md. */
  volumes: { objects: number; backedUp: number; exempt: number };
  seconds: number;
}

/** Result of checks beyond the rendered tree, such as those of charts. */
export interface ExtraChecks {
  findings: Finding[];
  notChecked: NotChecked[];
  /** Whether charts were checked; if not, exemptions for charts cannot be stale. */
  charts?: boolean;
  /** What the chart of each release renders, as it is applied. */
  chartObjects?: Tree['chartObjects'];
}

/** A result and the tree it is about. */
export interface ValidatedTree {
  tree: Tree;
  result: ValidateResult;
}

/** Why validate could not do its work: an invalid argument, or a tool that failed. The message says what to do. */
export class ValidateError extends Error {}
