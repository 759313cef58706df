import { type CelInput, celEnv, isCelError, parse, plan } from '@bufbuild/cel';
import { celValue } from '../cel';
import { type Json, type KubernetesObject, isMap, listOf, textOf, valueAt } from '../kubernetesObject';

/** A change that the API server refuses. */
export interface Refused {
  /** Path of the field. */
  path: string[];
  /** What changes, for messages. */
  what: string;
}

/**
 * The changes that the transition rules of a CRD's schema refuse: CEL rules with `oldSelf`. The API server evaluates a rule
 * where the value exists before and after; items of a list only if the list is a map by keys. A rule that uses a function
 * of Kubernetes that the CEL library lacks is not evaluated here.
 */
export function transitionProblems(
  before: KubernetesObject,
  after: KubernetesObject,
  schema: Json | undefined,
): Refused[] {
  return schema === undefined ? [] : walk(before, after, schema, []);
}

function walk(before: Json | undefined, after: Json | undefined, schema: Json | undefined, path: string[]): Refused[] {
  if (before === undefined || after === undefined || !isMap(schema)) return [];
  const own = listOf(schema['x-kubernetes-validations']).flatMap((rule) => refusedBy(rule, before, after, path));
  if (isMap(before) && isMap(after)) {
    const properties = schema['properties'];
    const any = schema['additionalProperties'];
    const below = Object.keys(after).flatMap((key) => {
      const known = isMap(properties) ? properties[key] : undefined;
      return walk(before[key], after[key], known ?? any, [...path, key]);
    });
    return [...own, ...below];
  }
  if (!Array.isArray(before) || !Array.isArray(after) || schema['x-kubernetes-list-type'] !== 'map') return own;
  const keys = listOf(schema['x-kubernetes-list-map-keys']).map((key) => textOf(key));
  const idOf = (item: Json): string => JSON.stringify(keys.map((key) => valueAt(item, key) ?? null));
  const old = new Map(before.map((item) => [idOf(item), item]));
  return [
    ...own,
    ...after.flatMap((item, index) => walk(old.get(idOf(item)), item, schema['items'], [...path, String(index)])),
  ];
}

function refusedBy(rule: Json, before: Json, after: Json, path: string[]): Refused[] {
  const text = textOf(valueAt(rule, 'rule'));
  if (!/\boldSelf\b/.test(text) || valueAt(rule, 'optionalOldSelf') === true) return [];
  if (evaluate(text, { self: celValue(after), oldSelf: celValue(before) }) !== false) return [];
  const message = textOf(valueAt(rule, 'message')) || text;
  return [{ path, what: `${path.join('.')} changes, which the CRD refuses (${message})` }];
}

/** The value of a rule; undefined if it cannot be told here. */
function evaluate(text: string, variables: Record<string, CelInput>): unknown {
  try {
    const result = plan(celEnv(), parse(text))(variables);
    return isCelError(result) ? undefined : result;
  } catch {
    return undefined;
  }
}
