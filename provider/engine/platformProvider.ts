import type { CheckFailure, CheckResult, DiffResult, Provider } from '@pulumi/pulumi/provider';
import type { z } from 'zod';
import type { AnyImplementation } from './implementation';
import { trackInFlight } from './shutdown';
import { asUserError, UserError } from '../../clients/userError';
import { makeProgress, type LineSink } from './progress';
import { holdsUnknown, sameValue, unwrap, withSecrets, UNKNOWN, type WireObject } from './wireValues';

/** What the provider needs of the process it runs in. */
export interface Surroundings {
  sinkFor: (urn: string) => LineSink;
  signal: AbortSignal;
  cancel: (reason: string) => void;
}

/**
 * Serves a table of implementations by type token. The rules that all of them share live here: secrets are opened on
 * the way in and closed on the way out, only connection data and what a type names beside it ever make a difference, an
 * update for connection data alone touches nothing, and deleting forgets unless the type has more to do.
 */
export function platformProvider(table: Record<string, AnyImplementation>, surroundings: Surroundings): Provider {
  const find = (urn: string): AnyImplementation => {
    const token = typeToken(urn);
    const found = table[token];
    if (found) return found;
    throw new UserError(`the platform provider has no resource type ${token}`);
  };
  const operation = (urn: string) => ({
    progress: makeProgress(surroundings.sinkFor(urn)),
    signal: surroundings.signal,
  });
  const guarded = <T>(work: () => Promise<T>): Promise<T> =>
    trackInFlight(work).catch((error: unknown) => Promise.reject(asUserError(error)));

  return {
    version: '0.1.0',
    check: (urn, _olds, news: WireObject) => guarded(async () => checkInputs(find(urn), news)),
    diff: (_id, urn, olds: WireObject, news: WireObject) => guarded(async () => diffConnection(find(urn), olds, news)),
    create: (urn, inputs: WireObject) =>
      guarded(async () => {
        const it = find(urn);
        const { id, outputs } = await it.create(it.schema.parse(unwrap(inputs)), operation(urn));
        return { id, outs: withSecrets(outputs as WireObject, it.secrets) };
      }),
    read: (id, urn, props: WireObject = {}) =>
      guarded(async () => {
        const it = find(urn);
        // An empty id is how a provider says "gone".
        if (!(await it.exists(unwrap(props), operation(urn)))) return { id: '', props: {} };
        if (it.read === undefined) return { id, props };
        return { id, props: withSecrets((await it.read(unwrap(props), operation(urn))) as WireObject, it.secrets) };
      }),
    update: (_id, urn, olds: WireObject, news: WireObject) =>
      guarded(async () => {
        const it = find(urn);
        if (reaches(it, olds, news)) {
          const outputs = await it.update(unwrap(olds), it.schema.parse(unwrap(news)), operation(urn));
          return { outs: withSecrets(outputs as WireObject, it.secrets) };
        }
        const connection = Object.fromEntries(it.connection.map((key) => [key, news[key]]));
        return { outs: withSecrets({ ...olds, ...connection }, it.secrets) };
      }),
    delete: (_id, urn, props: WireObject) => guarded(() => find(urn).delete(unwrap(props), operation(urn))),
    cancel: () => Promise.resolve(surroundings.cancel('cancelled')),
  };
}

/** `platform:index:Handover` from a URN; the token of a component's child comes last in its type chain. */
export function typeToken(urn: string): string {
  return urn.split('::')[2]?.split('$').at(-1) ?? '';
}

/** Checks what is known of the inputs and puts the secret ones under secrecy. */
export function checkInputs(it: AnyImplementation, news: WireObject): CheckResult {
  const plain = unwrap(news);
  const parsed = it.schema.safeParse(plain);
  const issues = parsed.success ? [] : parsed.error.issues.filter((issue) => !reachesUnknown(plain, issue.path));
  const failures = issues.map((issue): CheckFailure => ({ property: issue.path.join('.'), reason: describe(issue) }));
  return { inputs: withSecrets(news, it.secrets), failures };
}

function describe(issue: z.core.$ZodIssue): string {
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`;
}

function reachesUnknown(value: unknown, path: readonly PropertyKey[]): boolean {
  let here = value;
  for (const key of path) {
    if (here === UNKNOWN) return true;
    here = (here as Record<PropertyKey, unknown> | undefined)?.[key];
  }
  return holdsUnknown(here);
}

/**
 * A difference in what counts is an update, one that is not known yet counts as a difference, and nothing is ever
 * replaced.
 */
export function diffConnection(it: AnyImplementation, olds: WireObject, news: WireObject): DiffResult {
  return { changes: it.connection.some((key) => differs(key, olds, news)) || reaches(it, olds, news), replaces: [] };
}

/** Whether an update has something to do to the thing itself. */
function reaches(it: AnyImplementation, olds: WireObject, news: WireObject): boolean {
  return olds.stale === true || it.updateTriggers.some((key) => differs(key, olds, news));
}

function differs(key: string, olds: WireObject, news: WireObject): boolean {
  const wanted = unwrap(news[key]);
  return holdsUnknown(wanted) || !sameValue(unwrap(olds[key]), wanted);
}
