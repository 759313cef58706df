import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { engineConfigOf, runMocked } from './stackRun';

jest.mock('../../stacks/helm', () => ({ requireHelm: () => Promise.resolve() }));
jest.mock('../../stacks/credentials', () => ({
  ...jest.requireActual<object>('../../stacks/credentials'),
  requireCredentials: () => Promise.resolve(),
}));

const root = join(__dirname, '..', '..');
const stacks = readdirSync(root).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);

// Holds for any site: exact graphs and inputs are asserted on the fixture stacks.
test.each(stacks)('the stack %s of this repository builds', async (stack) => {
  const run = await runMocked(stack, { root });
  const nodes = JSON.parse(engineConfigOf(stack, root)['k8s-gitops:nodes'] ?? '[]') as { name: string }[];
  const configured = run.graph.filter((resource) => resource.startsWith('talos:machine/configurationApply:'));
  expect(configured).toEqual(
    nodes.map(({ name }) => `talos:machine/configurationApply:ConfigurationApply ${name}`).sort(),
  );
  expect(run.graph).toContain(`platform:index:Handover ${stack}`);
  // Strict substitution replaces every variable.
  expect(JSON.stringify(run.recorder.resources.map(({ inputs }) => inputs))).not.toMatch(/\$\{[A-Z_0-9]+\}/);
});
