import { type Json, isMap, listOf, valueAt } from '../../kubernetesObject';
import { show } from '../finding';

/** The keys of a label selector. */
export function keysOf(selector: Json | undefined): string[] {
  const map = valueAt(selector, 'matchLabels');
  const expressions = listOf(valueAt(selector, 'matchExpressions')).map((expression) => valueAt(expression, 'key'));
  return [...Object.keys(isMap(map) ? map : {}), ...expressions.filter((key) => typeof key === 'string')];
}

/** The selector with plain keys: Cilium may say who made a label (`k8s:`, `any:`). */
export function withoutPrefix(selector: Json): Json {
  return JSON.parse(JSON.stringify(selector).replaceAll(/"(k8s|any):(?=[\w./-]+")/g, '"')) as Json;
}

/** A label selector as messages show it. */
export function describeSelector(selector: Json): string {
  const map = valueAt(selector, 'matchLabels');
  const parts = Object.entries(isMap(map) ? map : {}).map(([key, value]) => `${key}=${show(value)}`);
  return [
    ...parts,
    ...listOf(valueAt(selector, 'matchExpressions')).map((expression) => {
      const [key, operator, values] = ['key', 'operator', 'values'].map((field) => valueAt(expression, field));
      const list = Array.isArray(values) && values.length > 0 ? ` (${values.map(show).join(', ')})` : '';
      return `${show(key)} ${show(operator)}${list}`;
    }),
  ].join(', ');
}
