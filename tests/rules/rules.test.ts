import { parse } from 'yaml';
import { expectedJobs, expectedSeries } from '../../gitops/generate/expected';
import { generatedFiles } from '../../gitops/generate/generatedFiles';
import { readFleet } from '../../gitops/generate/readFleet';
import { kinds, readCases } from './cases';
import { alertsOf, type Group, readTopics, root } from './ruleObjects';
import { runFiles, runTests } from './vmalertTool';

// On a clean machine, its tools are built first.
jest.setTimeout(20 * 60_000);

test.concurrent.each(readTopics())('vmalert-tool: $name', async (topic) => {
  const { ran, failed, output } = await runTests(topic, readCases(topic.name));
  expect(failed.length > 0 ? output : '').toBe('');
  expect(ran).toBe(kinds.length * alertsOf(topic).length);
});

test('vmalert-tool: the expected set has as many series of each cluster as it should have jobs', async () => {
  const fleet = readFleet(root);
  const file = generatedFiles(fleet).find(({ path }) => path.endsWith('/expected.yaml'));
  const { spec } = parse(file?.text ?? '') as { spec: { groups: Group[] } };
  const test = {
    name: 'expected',
    interval: '1m',
    metricsql_expr_test: [
      {
        expr: `count by (cluster) (${expectedSeries} == 1)`,
        eval_time: '2m',
        exp_samples: fleet.map((cluster) => ({
          labels: `{cluster="${cluster.name}"}`,
          value: expectedJobs(cluster).length,
        })),
      },
    ],
  };
  expect(await runFiles(spec.groups, [{ interval: '1m', tests: [test] }])).toMatchObject({ ran: 1, failed: [] });
  expect(fleet.map((cluster) => expectedJobs(cluster).length).every((jobs) => jobs > 10)).toBe(true);
});
