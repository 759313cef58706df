import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readClusterSettings } from '../../gitops/clusterSettings';
import { minutes, readCases, series, unitTest } from './cases';
import { alertsOf, evaluating, readTopics, root, type Rule } from './ruleObjects';

const topics = readTopics();
const alerts = topics.flatMap((topic) => alertsOf(topic).map((rule) => ({ topic: topic.name, ...rule })));

test('one cluster evaluates the rules of all', () => {
  expect(evaluating).toHaveLength(1);
  expect(topics.length).toBeGreaterThan(0);
});

test('the name of an alert is there once', () => {
  const names = alerts.map(({ alert }) => alert);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test.each(topics)('every alert of $name has what its four tests need, and no other has', (topic) => {
  const cases = readCases(topic.name);
  expect(Object.keys(cases).sort()).toEqual(
    alertsOf(topic)
      .map(({ alert }) => alert)
      .sort(),
  );
  for (const rule of alertsOf(topic)) {
    const it = cases[rule.alert];
    expect({ alert: rule.alert, ...it }).toEqual(
      expect.objectContaining({ ill: expect.any(Array), well: expect.any(Array), gone: expect.any(Array) }),
    );
    // Or it would be silent because it is pending.
    expect([rule.alert, minutes(it?.at ?? '0m') > minutes(rule.for ?? '0m')]).toEqual([rule.alert, true]);
    // A case without series of an ill or of a healthy cluster tests nothing.
    expect([rule.alert, [it?.ill, it?.well].flat().length > 0]).toEqual([rule.alert, true]);
  }
});

/** The labels that templates use. */
const labelsOf = (rule: Rule): string[] =>
  Object.values(rule.annotations ?? {}).flatMap((text) =>
    [...text.matchAll(/\$labels\.(\w+)/g)].map(([, label = '']) => label),
  );

test.each(alerts)('$alert says how bad it is, where, and what to do', (rule) => {
  expect(['critical', 'warning', 'info', 'none']).toContain(rule.labels?.['severity']);
  const { summary = '', description = '' } = rule.annotations ?? {};
  expect(summary).toContain('{{ $labels.cluster }}');
  expect(summary).toMatch(/\.$/);
  expect(description).toMatch(/[.)]$/);
  const known = ['cluster', ...Object.keys(readCases(rule.topic)[rule.alert]?.labels ?? {})];
  const unknown = labelsOf(rule).filter((label) => !known.includes(label) && !known.includes(`exported_${label}`));
  expect(unknown).toEqual([]);
});

test.each(alerts)('$alert has a page that says how to check, do and verify', ({ alert, annotations }) => {
  const [cluster = ''] = evaluating;
  const { GIT_URL = '', GIT_BRANCH = '' } = readClusterSettings(root, cluster).values;
  const [page = '', anchor] = (annotations?.['runbook_url'] ?? '').split('#');
  const prefix = `${GIT_URL.replace(/\.git$/, '')}/blob/${GIT_BRANCH}/`;
  expect(page.startsWith(`${prefix}docs/runbooks/`)).toBe(true);
  const file = join(root, page.slice(prefix.length));
  expect([page, existsSync(file)]).toEqual([page, true]);
  const sections = readFileSync(file, 'utf8').split(/^## /m).slice(1);
  const section = sections.find((text) => text.split('\n', 1)[0]?.toLowerCase() === anchor);
  expect(section?.split('\n', 1)[0]).toBe(alert);
  expect(section).toMatch(/^1\. Check: .*^2\. Do: .*^3\. Verify: /ms);
});

test('every section of a page is about an alert', () => {
  const names = new Set(alerts.map(({ alert }) => alert));
  const pages = topics.map(({ name }) => readFileSync(join(root, 'docs/runbooks', `${name}.md`), 'utf8'));
  const titles = pages.flatMap((text) => [...text.matchAll(/^## (\S+)$/gm)].map(([, title = '']) => title));
  expect(titles.filter((title) => !names.has(title))).toEqual([]);
});

describe('cases', () => {
  const rule = { alert: 'Down', group: 'g', expr: 'a == 0', for: '5m', labels: { severity: 'critical' } };
  const it = {
    ill: ['a{b="{cluster}"} 0'],
    well: ['a 1'],
    at: '10m',
    labels: { b: '{cluster}' },
    summary: '{cluster}',
  };

  test('a series gets its cluster and its length', () => {
    expect(series('a 1', 'one', 5)).toEqual({ series: 'a{cluster="one"}', values: '1x5' });
    expect(series('a{b="{cluster}"} 0+2', 'two', 3, true)).toEqual({
      series: 'a{cluster="two", b="two"}',
      values: '0+2x3 stale',
    });
    expect(() => series('a', 'one', 1)).toThrow('a: expected a series and its value');
    expect(() => minutes('5s')).toThrow('5s: expected minutes, hours or days');
  });

  test('one of two clusters is ill, and only that one is named', () => {
    expect(unitTest('names the one that is ill', rule, { ...it, gone: [] })).toEqual({
      name: 'Down names the one that is ill',
      interval: '1m',
      input_series: [
        { series: 'a{cluster="one", b="one"}', values: '0x10' },
        { series: 'a{cluster="two"}', values: '1x10' },
      ],
      alert_rule_test: [
        {
          eval_time: '10m',
          groupname: 'g',
          alertname: 'Down',
          exp_alerts: [
            { exp_labels: { cluster: 'one', severity: 'critical', b: 'one' }, exp_annotations: { summary: 'one' } },
          ],
        },
      ],
    });
  });

  test('the series of one of two clusters end, and what is always there stays', () => {
    const { input_series, alert_rule_test } = unitTest('one is gone', rule, { ...it, always: ['e 1'], gone: ['one'] });
    expect(input_series).toEqual([
      { series: 'e{cluster="one"}', values: '1x21' },
      { series: 'a{cluster="one"}', values: '1x10 stale' },
      { series: 'e{cluster="two"}', values: '1x21' },
      { series: 'a{cluster="two"}', values: '1x21' },
    ]);
    expect(alert_rule_test).toEqual([
      expect.objectContaining({
        eval_time: '21m',
        exp_alerts: [expect.objectContaining({ exp_annotations: { summary: 'one' } })],
      }),
    ]);
  });
});
