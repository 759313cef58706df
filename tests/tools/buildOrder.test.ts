import { inBuildOrder } from '../../tools/buildOrder';
import { labTools, type ToolName } from '../../tools/manifest';

/** Runs a build order; every build ends after the others had the chance to start. */
async function record(names: readonly ToolName[]): Promise<{ started: ToolName[]; withFirst: ToolName[] }> {
  const started: ToolName[] = [];
  const running = new Set<ToolName>();
  const withFirst: ToolName[] = [];
  await inBuildOrder(names, async (name) => {
    started.push(name);
    running.add(name);
    await new Promise((resolve) => setImmediate(resolve));
    if (running.has('kube-apiserver')) withFirst.push(...running);
    running.delete(name);
  });
  return { started, withFirst };
}

test('the tool with the most shared packages is built first and alone; every tool is built once', async () => {
  const { started, withFirst } = await record(labTools);
  expect(started[0]).toBe('kube-apiserver');
  expect(withFirst).toEqual(['kube-apiserver']);
  expect([...started].sort()).toEqual([...labTools].sort());
});

test('only what is missing is built', async () => {
  expect((await record(['kwok', 'pulumi'])).started).toEqual(['pulumi', 'kwok']);
  expect((await record([])).started).toEqual([]);
});
