import { type Json, type JsonMap, isMap, valueAt } from '../../../gitops/kubernetesObject';
import type { ChartFiles } from './chartFiles';
import { merged } from './release';

/** A value that nothing in a chart reads. */
export interface UnknownValue {
  /** Its path in the release's values. */
  path: string[];
  /** Keys that the chart accepts in its place, sorted. */
  known: string[];
}

/**
 * Values that neither the defaults, the schema nor a template of a chart mention. Does not check below a map that is
 * empty by default or that templates use as a whole: any key may be valid there.
 */
export function unknownValues(values: JsonMap, chart: ChartFiles, above: readonly string[] = []): UnknownValue[] {
  const { defaults, schema, subcharts } = chart;
  return Object.entries(values).flatMap(([key, value]) => {
    // Every chart of a release sees the values below `global`.
    if (key === 'global') return [];
    if (!subcharts.has(key)) return walk({ [key]: value }, defaults, schema, { chart, above, path: [] });
    const subchart = subcharts.get(key);
    if (subchart === undefined || !isMap(value)) return [];
    // A condition in Chart.yaml may read it even if the subchart does not.
    const { enabled: _, ...rest } = value;
    const own = defaults[key];
    const known = { ...subchart, defaults: isMap(own) ? merged(subchart.defaults, own) : subchart.defaults };
    return unknownValues(rest, known, [...above, key]);
  });
}

interface Place {
  chart: ChartFiles;
  /** Path of the chart's values within the release's values. */
  above: readonly string[];
  /** Path within the chart's values. */
  path: readonly string[];
}

function walk(values: JsonMap, defaults: JsonMap, schema: Json | undefined, place: Place): UnknownValue[] {
  if (isOpen(schema)) return [];
  const properties = valueAt(schema, 'properties');
  return Object.entries(values).flatMap(([key, value]) => {
    const path = [...place.path, key];
    const inSchema = isMap(properties) && properties[key] !== undefined;
    if (!(key in defaults) && !inSchema && !isMentioned(place, key)) {
      const known = new Set([...Object.keys(defaults), ...Object.keys(isMap(properties) ? properties : {})]);
      return [{ path: [...place.above, ...path], known: [...known].sort() }];
    }
    const below = defaults[key];
    if (!isMap(value) || !isMap(below) || Object.keys(below).length === 0) return [];
    if (isUsedAsWhole(place.chart.templates, path)) return [];
    return walk(value, below, isMap(properties) ? properties[key] : undefined, { ...place, path });
  });
}

/** Whether a schema allows keys that it does not list. */
function isOpen(schema: Json | undefined): boolean {
  const more = valueAt(schema, 'additionalProperties');
  return more === true || isMap(more) || valueAt(schema, 'patternProperties') !== undefined;
}

/** Whether a template, or a comment in values.yaml, mentions a key of a map. */
function isMentioned({ chart: { templates, defaultsText }, path }: Place, key: string): boolean {
  const name = escaped(key);
  const fullPath = ['', 'Values', ...path.map(escaped), name].join('\\.');
  if (new RegExp(`${fullPath}(?![\\w-])`).test(templates)) return true;
  if (new RegExp(`^\\s*#[#\\s-]*${name}\\s*:`, 'm').test(defaultsText)) return true;
  if (new RegExp(`\\b(index|dig|get|hasKey|pluck)\\b[^}]*"${name}"`).test(templates)) return true;
  // Inside a `with` block on the map, the key appears without its path.
  return path.length > 0 && hasBlock(templates, path) && new RegExp(`\\.${name}(?![\\w-])`).test(templates);
}

const asCondition = /\b(if|and|or|not|empty|eq|ne|with|range)\s*[^{}]*$/;

/** Whether templates use a map other than to read a key or to test it, so that any key may be valid. */
function isUsedAsWhole(templates: string, path: readonly string[]): boolean {
  for (const { start, end } of mentions(templates, path)) {
    const before = actionBefore(templates, start);
    if (!asCondition.test(before)) return true;
    // A `with` block that prints the map.
    const after = templates.slice(end, end + 300);
    const printed = /toYaml\s+[.$](?![\w])|tpl\s+\(toYaml/.test(after);
    if (/\brange\b/.test(before) || (/\bwith\b/.test(before) && printed)) return true;
  }
  return false;
}

/** Whether templates have a `with` block on a map, in which its keys appear without its path. */
function hasBlock(templates: string, path: readonly string[]): boolean {
  return [...mentions(templates, path)].some(({ start }) => /\bwith\b/.test(actionBefore(templates, start)));
}

/** The text of the template action that contains a position, up to that position. */
function actionBefore(templates: string, start: number): string {
  return (
    templates
      .slice(Math.max(0, start - 120), start)
      .split('{{')
      .at(-1) ?? ''
  );
}

/** Where templates refer to a map itself, not to one of its keys. */
function* mentions(templates: string, path: readonly string[]): Generator<{ start: number; end: number }> {
  const pattern = new RegExp(`${['', 'Values', ...path.map(escaped)].join('\\.')}(?![\\w-]|\\.\\w)`, 'g');
  for (const match of templates.matchAll(pattern)) yield { start: match.index, end: match.index + match[0].length };
}

function escaped(key: string): string {
  return key.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
