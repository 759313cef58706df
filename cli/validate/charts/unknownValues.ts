import { type Json, type JsonMap, isMap, valueAt } from '../../../gitops/kubernetesObject';
import type { ChartFiles } from './chartFiles';
import { merged } from './release';

/** A value that nothing in a chart reads. */
export interface UnknownValue {
  /** Its path in the release's values. */
  path: string[];
  /** Keys that the chart knows in its place, sorted. */
  known: string[];
}

/**
 * Values that a chart neither has a default, a schema nor a template for. Below a map that is empty by default, or that
 * templates take as a whole, every key may mean something: nothing is said there.
 */
export function unknownValues(values: JsonMap, chart: ChartFiles, above: readonly string[] = []): UnknownValue[] {
  const { defaults, schema, subcharts } = chart;
  return Object.entries(values).flatMap(([key, value]) => {
    // Every chart of a release sees the values below `global`.
    if (key === 'global') return [];
    if (!subcharts.has(key)) return walk({ [key]: value }, defaults, schema, { chart, above, path: [] });
    const subchart = subcharts.get(key);
    if (subchart === undefined || !isMap(value)) return [];
    // A condition in Chart.yaml may read it without the subchart's knowing.
    const { enabled: _, ...rest } = value;
    const own = defaults[key];
    const known = { ...subchart, defaults: isMap(own) ? merged(subchart.defaults, own) : subchart.defaults };
    return unknownValues(rest, known, [...above, key]);
  });
}

interface Place {
  chart: ChartFiles;
  /** Keys from the release's values to the chart's own. */
  above: readonly string[];
  /** Keys in the chart's own values. */
  path: readonly string[];
}

function walk(values: JsonMap, defaults: JsonMap, schema: Json | undefined, place: Place): UnknownValue[] {
  if (isOpen(schema)) return [];
  const properties = valueAt(schema, 'properties');
  return Object.entries(values).flatMap(([key, value]) => {
    const path = [...place.path, key];
    const named = isMap(properties) && properties[key] !== undefined;
    if (!(key in defaults) && !named && !isRead(place, key)) {
      const known = new Set([...Object.keys(defaults), ...Object.keys(isMap(properties) ? properties : {})]);
      return [{ path: [...place.above, ...path], known: [...known].sort() }];
    }
    const below = defaults[key];
    if (!isMap(value) || !isMap(below) || Object.keys(below).length === 0) return [];
    if (isTakenWhole(place.chart.templates, path)) return [];
    return walk(value, below, isMap(properties) ? properties[key] : undefined, { ...place, path });
  });
}

/** Whether a schema allows keys that it does not name. */
function isOpen(schema: Json | undefined): boolean {
  const more = valueAt(schema, 'additionalProperties');
  return more === true || isMap(more) || valueAt(schema, 'patternProperties') !== undefined;
}

/** Whether a template, or a comment beside the defaults, mentions a key of a map. */
function isRead({ chart: { templates, defaultsText }, path }: Place, key: string): boolean {
  const name = escaped(key);
  const whole = ['', 'Values', ...path.map(escaped), name].join('\\.');
  if (new RegExp(`${whole}(?![\\w-])`).test(templates)) return true;
  if (new RegExp(`^\\s*#[#\\s-]*${name}\\s*:`, 'm').test(defaultsText)) return true;
  if (new RegExp(`\\b(index|dig|get|hasKey|pluck)\\b[^}]*"${name}"`).test(templates)) return true;
  // In a block about the map the key stands alone.
  return path.length > 0 && hasBlock(templates, path) && new RegExp(`\\.${name}(?![\\w-])`).test(templates);
}

const asCondition = /\b(if|and|or|not|empty|eq|ne|with|range)\s*[^{}]*$/;

/** Whether templates use a map other than to ask for a key or whether it is there, so that all of its keys count. */
function isTakenWhole(templates: string, path: readonly string[]): boolean {
  for (const { start, end } of mentions(templates, path)) {
    const before = actionBefore(templates, start);
    if (!asCondition.test(before)) return true;
    // A block about the map that prints the whole of it.
    const after = templates.slice(end, end + 300);
    const printed = /toYaml\s+[.$](?![\w])|tpl\s+\(toYaml/.test(after);
    if (/\brange\b/.test(before) || (/\bwith\b/.test(before) && printed)) return true;
  }
  return false;
}

/** Whether templates have a block about a map, in which its keys stand without its name. */
function hasBlock(templates: string, path: readonly string[]): boolean {
  return [...mentions(templates, path)].some(({ start }) => /\bwith\b/.test(actionBefore(templates, start)));
}

/** The beginning of the template action that a place is in. */
function actionBefore(templates: string, start: number): string {
  return (
    templates
      .slice(Math.max(0, start - 120), start)
      .split('{{')
      .at(-1) ?? ''
  );
}

/** Where templates name a map itself, not a key of it. */
function* mentions(templates: string, path: readonly string[]): Generator<{ start: number; end: number }> {
  const pattern = new RegExp(`${['', 'Values', ...path.map(escaped)].join('\\.')}(?![\\w-]|\\.\\w)`, 'g');
  for (const match of templates.matchAll(pattern)) yield { start: match.index, end: match.index + match[0].length };
}

function escaped(key: string): string {
  return key.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
