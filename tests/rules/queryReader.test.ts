import { readQueries } from './queryReader';

// On a clean machine, its tools are built first.
jest.setTimeout(20 * 60_000);

test('queries are read in their order, each by the parser of its language', async () => {
  const answers = await readQueries([
    { language: 'metricsql', text: 'sum(rate(a{job="b"}[5m]))' },
    { language: 'logsql', text: 'error | stats by (cluster) count() errors' },
    { language: 'metricsql', text: 'sum(' },
  ]);
  expect(answers.slice(0, 2)).toEqual([
    {
      selectors: [{ name: 'a', filters: [{ label: 'job', operator: '=', value: 'b' }] }],
      losses: ['sum(rate(a{job="b"}[5m]))'],
    },
    { selectors: [], losses: [] },
  ]);
  expect(answers[2]?.error).toMatch(/unexpected token/);
});
