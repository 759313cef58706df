import { readCases } from './cases';
import { alertsOf, readTopics, type Topic } from './ruleObjects';
import { runTests } from './vmalertTool';

// On a clean machine, its tools are built first.
jest.setTimeout(20 * 60_000);

/** One rule of each way to keep a cluster: an aggregation, a join, and the expected set. */
const mutants = [
  ['coredns', 'CoreDnsFails', /\bby \(cluster\) /g],
  ['volumes', 'LocalVolumeDiskFillsUp', /cluster, /g],
  ['secrets', 'ExternalSecretsDown', /cluster, /g],
  ['metrics', 'ClusterSilent', /\b(by|on) \(cluster\) /g],
] as const;

/** A topic with a single alert, whose expression is changed. */
function mutant(topic: Topic, alert: string, change: (expr: string) => string): Topic {
  const groups = topic.groups.map(({ name, rules }) => ({
    name,
    rules: rules.filter((rule) => rule.alert === alert).map((rule) => ({ ...rule, expr: change(rule.expr) })),
  }));
  return { ...topic, groups };
}

test.each(mutants)('%s: with cluster taken out of %s, its tests fail', async (name, alert, part) => {
  const topic = readTopics().find((one) => one.name === name);
  const rule = topic && alertsOf(topic).find((one) => one.alert === alert);
  if (topic === undefined || rule === undefined) throw new Error(`${name}: no ${alert}`);
  const without = (expr: string): string => expr.replace(part, (text) => (text.startsWith('on') ? 'on () ' : ''));
  expect(without(rule.expr)).not.toBe(rule.expr);
  const { ran, failed } = await runTests(mutant(topic, alert, without), readCases(name));
  expect(ran).toBe(4);
  expect(failed).toContain(`${alert} names the one that is ill`);
  expect(
    (
      await runTests(
        mutant(topic, alert, (expr) => expr),
        readCases(name),
      )
    ).failed,
  ).toEqual([]);
});
