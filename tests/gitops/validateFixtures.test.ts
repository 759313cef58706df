import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkTree } from '../../cli/validate/checkTree';
import { rendererPath } from '../../cli/validate/loadTree';
import { checks } from '../../gitops/checks/registry';
import type { Check } from '../../gitops/checks/check';
import { exemptionIds } from '../../gitops/exemptions';
import { problemKinds } from '../../gitops/problemKinds';
import type { Tree } from '../../gitops/tree';
import { compareRenderers } from './render/compareRenderers';
import { type Fixture, asLines, fixtureDay, listFixtures, loadFixture } from './fixtures';

const fixtures = listFixtures();
const trees = new Map<string, Tree | Error>();
const folder = mkdtempSync(join(tmpdir(), 'k8s-gitops-fixtures-'));

// The first run on a machine builds the renderer.
const setupTimeout = 20 * 60 * 1000;

beforeAll(async () => {
  const renderer = await rendererPath();
  const queue = [...fixtures];
  const work = async (): Promise<void> => {
    for (let fixture = queue.shift(); fixture !== undefined; fixture = queue.shift()) {
      const tree = await loadFixture(fixture, join(folder, fixture.name), renderer).catch((error: Error) => error);
      trees.set(fixture.name, tree);
    }
  };
  // The first fixture generates the schemas, which the others reuse.
  const [first] = queue.splice(0, 1);
  if (first !== undefined) {
    trees.set(first.name, await loadFixture(first, join(folder, first.name), renderer).catch((error: Error) => error));
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}, setupTimeout);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function treeOf({ name }: Fixture): Tree {
  const tree = trees.get(name);
  if (tree === undefined || tree instanceof Error) throw tree ?? new Error(`${name} was not loaded`);
  return tree;
}

function findingsOf(fixture: Fixture, rules: readonly Check[] = checks): string[] {
  return asLines(checkTree(treeOf(fixture), { today: fixtureDay, checks: rules }).findings, fixture.findings);
}

test.each(fixtures.map((fixture) => [fixture.name, fixture] as const))('%s', (_, fixture) => {
  expect(findingsOf(fixture)).toEqual(asLines(fixture.findings, fixture.findings));
});

test('the program renders what Flux renders, or refuses it by name', () => {
  const compared = fixtures.flatMap((fixture) => {
    const tree = trees.get(fixture.name);
    return tree === undefined || tree instanceof Error ? [] : [[fixture.name, compareRenderers(tree)] as const];
  });
  expect(compared.flatMap(([name, { different }]) => different.map((one) => `${name}: ${one}`))).toEqual([]);
  expect(compared.filter(([, { same }]) => same.length > 0).length).toBeGreaterThan(fixtures.length / 2);
});

test('ids of checks, renderer problems and exemptions are unique and in kebab case', () => {
  const ids = [...checks.map(({ id }) => id), ...Object.keys(problemKinds), ...exemptionIds];
  expect(ids.filter((id) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))).toEqual([]);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test('every id is covered by a fixture, and every expected id exists', () => {
  const ids = [...checks.map(({ id }) => id), ...Object.keys(problemKinds), ...exemptionIds].sort();
  const covered = new Set(fixtures.flatMap(({ findings }) => findings.map(({ id }) => id)));
  expect([...covered].sort()).toEqual(ids);
});

test.each(checks.map(({ id }) => [id]))('at least one fixture fails without %s', (id) => {
  const rules = checks.filter((check) => check.id !== id);
  const fails = fixtures
    .filter((fixture) => fixture.findings.some((expected) => expected.id === id))
    .some((fixture) => findingsOf(fixture, rules).join() !== asLines(fixture.findings, fixture.findings).join());
  expect(fails).toBe(true);
});
