import type { Check, Finding } from '../../gitops/checks/check';
import type { Coverage, Tree } from '../../gitops/tree';
import type { GitFacts } from './gitFacts';

/** Which tree is read, and how. */
export interface TreeOptions {
  /** Folder of the repository. */
  root: string;
  /** Entry paths of a repository that is not of our kind, from its root. None: ours, with every cluster that Git knows. */
  entries?: readonly string[];
  /** Files with ConfigMaps and Secrets, or with KEY=value lines, that the cluster has from elsewhere. */
  settings?: readonly string[];
  /** Substitute as a Flux that is not strict: an unset variable is empty. */
  lenient?: boolean;
  /** Whether rendered folders are kept for the next run; they are unless told otherwise. */
  cache?: boolean;
  /** Another renderer than the pinned one: the path of its binary. */
  renderer?: string;
  /** Another folder of schemas than the pinned ones; empty for none. */
  schemas?: string;
  /** What Git knows of the folder, where it is no working copy of its own. */
  git?: GitFacts;
  /** Told what is being waited for. */
  onProgress?: (line: string) => void;
}

/** How a tree is judged. */
export interface CheckOptions {
  /** Only what reaches one of these clusters. */
  clusters?: readonly string[];
  /** Rules in place of all that there are. */
  checks?: readonly Check[];
  /** The day, as YYYY-MM-DD, that exemptions are held against; today when left out. */
  today?: string;
}

/** Something that could not be checked, and why. */
export interface NotChecked {
  object: string;
  file: string;
  line: number;
  reason: string;
}

/** What `npm run validate -- --json` prints. */
export interface ValidateResult {
  findings: Finding[];
  /** How many findings EXCEPTIONS.md took away. */
  exempted: number;
  /** Rendered objects, counted on each cluster. */
  objects: number;
  kustomizations: number;
  coverage: Coverage;
  notChecked: NotChecked[];
  seconds: number;
}

/** A result with the tree that it is about. */
export interface Validated {
  tree: Tree;
  result: ValidateResult;
}

/** Why nothing can be said: a wrong argument, or a tool that failed. Its text says what to do. */
export class CannotTell extends Error {}
