import { parse } from 'yaml';
import { isMap, type Json, listOf, textOf, valueAt } from '../../gitops/kubernetesObject';

/** How Fluent Bit sends what it reads, by its configuration: no Fluent Bit runs in the lab. */
export interface LogDelivery {
  /** The path of the request, with the fields that make streams, times and messages. */
  path: string;
  user: string;
  /** The fields that filters set on every line of a tag. */
  fields: Record<string, string>;
}

/**
 * What the configuration says about lines of a tag: its first output by HTTP, and the fields that filters `modify` set.
 * @param tag as inputs give it: `kube.var.log.containers.x`
 * @param variables what the pod has in its environment
 */
export function logDelivery(config: string, tag: string, variables: Readonly<Record<string, string>>): LogDelivery {
  const parsed = parse(config) as Json;
  const output = listOf(valueAt(parsed, 'pipeline', 'outputs')).find((one) => valueAt(one, 'name') === 'http');
  if (!isMap(output)) throw new Error('the configuration of Fluent Bit has no output by HTTP');
  const sets = listOf(valueAt(parsed, 'pipeline', 'filters'))
    .filter((filter) => valueAt(filter, 'name') === 'modify' && valueAt(filter, 'condition') === undefined)
    .filter((filter) => matches(textOf(valueAt(filter, 'match')), tag))
    .flatMap((filter) => [valueAt(filter, 'set') ?? []].flat());
  const fields = sets.map((set): [string, string] => {
    const [key = '', ...value] = textOf(set).split(' ');
    return [key, value.join(' ').replace(/\$\{(\w+)\}/g, (_, name: string) => variables[name] ?? '')];
  });
  return {
    path: textOf(output['uri']),
    user: textOf(output['http_user']),
    fields: Object.fromEntries(fields),
  };
}

function matches(pattern: string, tag: string): boolean {
  const [start = '', ...rest] = pattern.split('*');
  return rest.length === 0 ? pattern === tag : tag.startsWith(start) && tag.endsWith(rest.at(-1) ?? '');
}
