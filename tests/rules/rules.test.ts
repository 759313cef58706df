import { alertsOf, readTopics } from './ruleObjects';
import { kinds, readCases } from './cases';
import { runTests } from './vmalertTool';

const topics = readTopics();

test.each(topics)('vmalert-tool: $name', async (topic) => {
  const { ran, failed, output } = await runTests(topic, readCases(topic.name));
  expect(failed.length > 0 ? output : '').toBe('');
  expect(ran).toBe(kinds.length * alertsOf(topic).length);
});
