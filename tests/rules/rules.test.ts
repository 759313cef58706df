import { alertsOf, readTopics } from './ruleObjects';
import { kinds, readCases } from './cases';
import { runTests } from './vmalertTool';

const topics = readTopics();

test.each(topics)('vmalert-tool: $name', async (topic) => {
  const { ran, output } = await runTests(topic, readCases(topic.name));
  expect(output.trim().replace(/^Unit Testing: .*\n|\s*SUCCESS$/gm, '')).toBe('');
  expect(ran).toBe(kinds.length * alertsOf(topic).length);
});
