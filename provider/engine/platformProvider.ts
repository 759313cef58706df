import type { CheckFailure, CheckResult, DiffResult, Provider } from '@pulumi/pulumi/provider';
import type * as z from 'zod';
import { asUserError, UserError } from '../../clients/userError';
import type { AnyImplementation, Operation } from './implementation';
import { makeProgress, type LineSink } from './progress';
import { trackInFlight } from './shutdown';
import { containsUnknown, sameValue, unwrap, withSecrets, UNKNOWN, type WireObject } from './wireValues';

/** What the provider needs from the process that hosts it. */
export interface ProviderHost {
  sinkFor: (urn: string) => LineSink;
  signal: AbortSignal;
  cancel: (reason: string) => void;
}

/**
 * Serves implementations by type token, with the rules that all resource types share: secrets are unwrapped on the way
 * in and wrapped on the way out; only connection inputs, update triggers and what a type itself finds count as a change; an
 * update of connection inputs alone only records them; nothing is ever replaced; and a delete only removes the resource from the state
 * unless the type implements more.
 */
export function platformProvider(
  implementations: Readonly<Record<string, AnyImplementation>>,
  host: ProviderHost,
): Provider {
  const find = (urn: string): AnyImplementation => {
    const token = typeToken(urn);
    const found = implementations[token];
    if (found) return found;
    throw new UserError(`the platform provider has no resource type ${token}`);
  };
  const operation = (urn: string, id?: string): Operation => ({
    progress: makeProgress(host.sinkFor(urn)),
    ...(id !== undefined && { id }),
    signal: host.signal,
  });
  const guarded = <T>(work: () => Promise<T>): Promise<T> =>
    trackInFlight(work).catch((error: unknown) => Promise.reject(asUserError(error)));

  return {
    version: '0.1.0',
    check: (urn, olds: WireObject, news: WireObject) => guarded(async () => checkInputs(find(urn), news, olds)),
    diff: (id, urn, olds: WireObject, news: WireObject) =>
      guarded(async () => {
        const type = find(urn);
        const found = diffInputs(type, olds, news);
        const plain = unwrap(news);
        if (type.inspect === undefined || containsUnknown(plain)) return found;
        const stale = await type.inspect(unwrap(olds), type.schema.parse(plain), operation(urn, id));
        return { ...found, changes: found.changes || stale };
      }),
    create: (urn, inputs: WireObject) =>
      guarded(async () => {
        const type = find(urn);
        const { id, outputs } = await type.create(type.schema.parse(unwrap(inputs)), operation(urn));
        return { id, outs: withSecrets(outputs as WireObject, type.secretProperties) };
      }),
    read: (id, urn, props: WireObject = {}) =>
      guarded(async () => {
        const type = find(urn);
        // An empty id tells the engine that the resource no longer exists.
        if (!(await type.exists(unwrap(props), operation(urn, id)))) return { id: '', props: {} };
        if (type.read === undefined) return { id, props };
        const state = (await type.read(unwrap(props), operation(urn, id))) as WireObject;
        return { id, props: withSecrets(state, type.secretProperties) };
      }),
    update: (id, urn, olds: WireObject, news: WireObject) =>
      guarded(async () => {
        const type = find(urn);
        if (type.inspect !== undefined || needsUpdate(type, olds, news)) {
          const outputs = await type.update(unwrap(olds), type.schema.parse(unwrap(news)), operation(urn, id));
          return { outs: withSecrets(outputs as WireObject, type.secretProperties) };
        }
        const connection = Object.fromEntries(type.connectionInputs.map((key) => [key, news[key]]));
        return { outs: withSecrets({ ...olds, ...connection }, type.secretProperties) };
      }),
    delete: (id, urn, props: WireObject) => guarded(() => find(urn).delete(unwrap(props), operation(urn, id))),
    cancel: () => Promise.resolve(host.cancel('cancelled')),
  };
}

/** `platform:index:Handover` from a URN; in the type chain of a component's child, the last token. */
export function typeToken(urn: string): string {
  return urn.split('::')[2]?.split('$').at(-1) ?? '';
}

/**
 * Validates the inputs as far as they are known, and wraps the secret ones.
 * @param olds the inputs of the last successful run; empty for a resource that is created
 */
export function checkInputs(type: AnyImplementation, news: WireObject, olds: WireObject = {}): CheckResult {
  const { schema, secretProperties } = type;
  const plain = unwrap(news);
  const parsed = schema.safeParse(plain);
  const issues = parsed.success ? [] : parsed.error.issues.filter((issue) => !concernsUnknown(plain, issue.path));
  const failures = issues.map((issue): CheckFailure => ({ property: issue.path.join('.'), reason: describe(issue) }));
  if (parsed.success && !containsUnknown(plain)) {
    const before = schema.safeParse(unwrap(olds));
    const refusals = type.refuse(before.success ? before.data : undefined, parsed.data);
    failures.push(...refusals.map((reason): CheckFailure => ({ property: '', reason })));
  }
  return { inputs: withSecrets(news, secretProperties), failures };
}

function describe(issue: z.core.$ZodIssue): string {
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`;
}

/** Whether the value at the path is UNKNOWN, contains it or is inside it. */
function concernsUnknown(value: unknown, path: readonly PropertyKey[]): boolean {
  let current = value;
  for (const key of path) {
    if (current === UNKNOWN) return true;
    current = (current as Record<PropertyKey, unknown> | undefined)?.[key];
  }
  return containsUnknown(current);
}

/** Reports an update if a relevant input differs or is not known yet, and never a replacement. */
export function diffInputs(type: AnyImplementation, olds: WireObject, news: WireObject): DiffResult {
  const connectionChanges = type.connectionInputs.some((key) => differs(key, olds, news));
  return { changes: connectionChanges || needsUpdate(type, olds, news), replaces: [] };
}

/** Whether the resource itself has to be updated, not only its connection inputs in the state. */
function needsUpdate({ updateTriggers }: AnyImplementation, olds: WireObject, news: WireObject): boolean {
  return olds.stale === true || updateTriggers.some((key) => differs(key, olds, news));
}

function differs(key: string, olds: WireObject, news: WireObject): boolean {
  const wanted = unwrap(news[key]);
  return containsUnknown(wanted) || !sameValue(unwrap(olds[key]), wanted);
}
