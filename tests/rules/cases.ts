import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { alertsOf, type Rule, type Topic } from './ruleObjects';

/**
 * What the tests of an alert need to know: `tests/rules/cases/<topic>.yaml`. A series is written without its cluster, and with
 * a value that stays or, as in `0+5`, grows by each step; `{cluster}` stands for the cluster.
 */
export interface Case {
  /** The series of a cluster that is ill, and of one that is not. */
  readonly ill: readonly string[];
  readonly well: readonly string[];
  /** Series that the cluster that evaluates has of every cluster, whatever happens to that. */
  readonly always?: readonly string[];
  /** When the alert has fired, or would have. */
  readonly at: string;
  /** How often the series have a value, and the rules are evaluated; a minute if it is not said. */
  readonly step?: string;
  /** The alert's labels besides those of the rule and `cluster`. */
  readonly labels: Readonly<Record<string, string>>;
  /** The alert's summary. */
  readonly summary: string;
  /** What cluster `one` was before its series end; `well` if it is not said. Cluster `two` is the same, and stays. */
  readonly before?: 'ill' | 'well';
  /** Of which clusters the alert fires then. */
  readonly gone: readonly ('one' | 'two')[];
}

/** What every alert must have. */
export const kinds = ['fires', 'is silent', 'names the one that is ill', 'one is gone'] as const;
export type Kind = (typeof kinds)[number];

/** A test as vmalert-tool reads it. */
export interface UnitTest {
  readonly name: string;
  readonly interval: string;
  readonly input_series: readonly { readonly series: string; readonly values: string }[];
  readonly alert_rule_test: readonly unknown[];
}

/** The cases of a topic, by alert. */
export function readCases(topic: string): Record<string, Case> {
  const file = join(__dirname, 'cases', `${topic}.yaml`);
  return existsSync(file) ? (parse(readFileSync(file, 'utf8')) as Record<string, Case>) : {};
}

/** Minutes of a duration such as 90m or 1d. */
export function minutes(duration: string): number {
  const [, amount = '', unit = ''] = /^(\d+)([mhd])$/.exec(duration) ?? [];
  const factor = { m: 1, h: 60, d: 1440 }[unit];
  if (factor === undefined) throw new Error(`${duration}: expected minutes, hours or days`);
  return Number(amount) * factor;
}

/** A series in the notation of vmalert-tool: with its cluster, for so many steps, and ended after them if it is. */
export function series(text: string, cluster: string, steps: number, ends = false): UnitTest['input_series'][number] {
  const [, name = '', labels = '', value = ''] = /^([\w:]+)(?:\{(.*)\})? (\S+)$/.exec(text) ?? [];
  if (name === '') throw new Error(`${text}: expected a series and its value`);
  const all = [`cluster="${cluster}"`, ...(labels === '' ? [] : [labels])].join(', ');
  return {
    series: `${name}{${all.replaceAll('{cluster}', cluster)}}`,
    values: `${value}x${steps}${ends ? ' stale' : ''}`,
  };
}

/** The test of one kind for an alert. */
export function unitTest(kind: Kind, rule: Rule & { alert: string; group: string }, it: Case): UnitTest {
  const step = it.step ?? '1m';
  const steps = Math.ceil(minutes(it.at) / minutes(step));
  const isGone = kind === 'one is gone';
  const length = isGone ? 2 * steps + 1 : steps;
  const states: Record<Kind, Partial<Record<'one' | 'two', 'ill' | 'well'>>> = {
    fires: { one: 'ill' },
    'is silent': { one: 'well' },
    'names the one that is ill': { one: 'ill', two: 'well' },
    'one is gone': { one: it.before ?? 'well', two: it.before ?? 'well' },
  };
  const clusters = Object.entries(states[kind]) as ['one' | 'two', 'ill' | 'well'][];
  const firing = isGone ? it.gone : clusters.filter(([, state]) => state === 'ill').map(([cluster]) => cluster);
  const within = (text: string, cluster: string): string => text.replaceAll('{cluster}', cluster);
  return {
    name: `${rule.alert} ${kind}`,
    interval: step,
    input_series: clusters.flatMap(([cluster, state]) => [
      ...(it.always ?? []).map((text) => series(text, cluster, length)),
      ...it[state].map((text) =>
        isGone && cluster === 'one' ? series(text, cluster, steps, true) : series(text, cluster, length),
      ),
    ]),
    alert_rule_test: [
      {
        eval_time: `${length * minutes(step)}m`,
        groupname: rule.group,
        alertname: rule.alert,
        exp_alerts: firing.map((cluster) => ({
          exp_labels: {
            cluster,
            ...rule.labels,
            ...Object.fromEntries(Object.entries(it.labels).map(([key, value]) => [key, within(value, cluster)])),
          },
          exp_annotations: { summary: within(it.summary, cluster) },
        })),
      },
    ],
  };
}

/** All tests of a topic's alerts that have a case, by the interval at which they are evaluated. */
export function unitTests(topic: Topic, cases: Readonly<Record<string, Case>>): Map<string, UnitTest[]> {
  const tests = new Map<string, UnitTest[]>();
  for (const rule of alertsOf(topic)) {
    const it = cases[rule.alert];
    if (it === undefined) continue;
    const step = it.step ?? '1m';
    tests.set(step, [...(tests.get(step) ?? []), ...kinds.map((kind) => unitTest(kind, rule, it))]);
  }
  return tests;
}
