import { join } from 'node:path';
import { listStacks } from '../../cluster/stackFile';
import { engineConfigOf, runMocked } from './stackRun';

const root = join(__dirname, '..', '..');

// Holds for any site: exact graphs and inputs are asserted on the fixture stacks.
test.each(listStacks(root))('the stack %s of this repository builds', async (stack) => {
  const run = await runMocked(stack, { root });
  const nodes = JSON.parse(engineConfigOf(stack, root)['k8s-gitops:nodes'] ?? '[]') as { name: string }[];
  const configured = run.graph.filter((resource) => resource.startsWith('platform:index:MachineConfiguration '));
  expect(configured).toEqual(nodes.map(({ name }) => `platform:index:MachineConfiguration ${name}`).sort());
  expect(run.graph).toContain(`platform:index:Handover ${stack}`);
  // Strict substitution replaces every variable.
  expect(JSON.stringify(run.recorder.resources.map(({ inputs }) => inputs))).not.toMatch(/\$\{[A-Z_0-9]+\}/);
});
