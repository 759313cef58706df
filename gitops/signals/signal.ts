import { describeObject } from '../kubernetesObject';
import type { ObjectPath } from '../sources';
import type { TreeObject } from '../tree';
import type { ClusterChange } from './clusterChange';

/** How bad a signal is, the worst first: data, access or a blocked cluster; something stops or widens; good to know. */
export const severities = ['danger', 'warning', 'note'] as const;

export type Severity = (typeof severities)[number];

/** Something in a change that a reviewer must see. */
export interface Signal {
  /** Id of the rule. */
  id: string;
  severity: Severity;
  /** Names of the clusters on which the change has this effect, sorted. */
  clusters: string[];
  /** `Kind namespace/name`. */
  object: string;
  /** Id of the Flux Kustomization that applies the object. */
  kustomization: string;
  /** The HelmRelease whose chart renders the object, as `namespace/name`; absent for an object in Git. */
  release?: string;
  file: string;
  /** 1-based; that of the old file for an object that left Git. */
  line: number;
  /** What the change does. */
  what: string;
  /** Why it matters. */
  why: string;
  /** What to do. */
  todo: string;
}

/** What a rule found on one cluster. */
export interface Found {
  /** The object: the new one, or the old one if it left Git. */
  at: TreeObject;
  what: string;
  /** Path of the changed value in the object. */
  path?: ObjectPath;
  /** Replaces the rule's reason, where the effect differs from case to case. */
  why?: string;
  /** Replaces the rule's advice. */
  todo?: string;
}

/** A rule over what changes on one cluster. Its id is stable: scripts and comments refer to it. */
export interface SignalRule {
  id: string;
  severity: Severity;
  /** What raises it, for the table in docs/validate.md. */
  when: string;
  /** Why it matters: a clause without a full stop. */
  why: string;
  /** What to do: an imperative without a full stop. */
  todo: string;
  find(change: ClusterChange): Iterable<Found>;
}

/** A signal in one sentence: what changes, why it matters, what to do. */
export function signalText({ object, release, what, why, todo }: Omit<Signal, 'line' | 'file'>): string {
  const from = release === undefined ? '' : ` (chart of ${release})`;
  return `${object}${from}: ${what}; ${why}; ${todo}`;
}

/** Names of objects for a message, at most `most` of them. */
export function listed(objects: readonly TreeObject[], most = 6): string {
  return listedTexts(
    objects.map(({ object }) => describeObject(object)),
    most,
  );
}

/** Texts for a message, at most `most` of them. */
export function listedTexts(texts: readonly string[], most = 6): string {
  const rest = texts.length - most;
  return `${texts.slice(0, most).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** `one object`, `3 objects`. */
export function counted(number: number, noun: string): string {
  return number === 1 ? `one ${noun}` : `${number} ${noun}s`;
}
