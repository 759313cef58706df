import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { judge } from '../../cli/validate/checkTree';
import { rendererPath } from '../../cli/validate/loadTree';
import { checks } from '../../gitops/checks/all';
import type { Check } from '../../gitops/checks/check';
import { exemptionIds } from '../../gitops/exemptions';
import { problemKinds } from '../../gitops/problemKinds';
import type { Tree } from '../../gitops/tree';
import { type Fixture, asLines, fixtureDay, listFixtures, loadFixture } from './fixtures';

const fixtures = listFixtures();
const trees = new Map<string, Tree | Error>();
const folder = mkdtempSync(join(tmpdir(), 'k8s-gitops-fixtures-'));

// A renderer that is not built yet is built here, once for a machine.
const minutes = 20 * 60 * 1000;

beforeAll(async () => {
  const renderer = await rendererPath();
  const waiting = [...fixtures];
  const work = async (): Promise<void> => {
    for (let fixture = waiting.shift(); fixture !== undefined; fixture = waiting.shift()) {
      const tree = await loadFixture(fixture, join(folder, fixture.name), renderer).catch((error: Error) => error);
      trees.set(fixture.name, tree);
    }
  };
  // The first makes the schemas; the others find them.
  const [first] = waiting.splice(0, 1);
  if (first !== undefined) {
    trees.set(first.name, await loadFixture(first, join(folder, first.name), renderer).catch((error: Error) => error));
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}, minutes);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function treeOf({ name }: Fixture): Tree {
  const tree = trees.get(name);
  if (tree === undefined || tree instanceof Error) throw tree ?? new Error(`${name} was not loaded`);
  return tree;
}

function found(fixture: Fixture, rules: readonly Check[] = checks): string[] {
  return asLines(judge(treeOf(fixture), { today: fixtureDay, checks: rules }).findings, fixture.findings);
}

test.each(fixtures.map((fixture) => [fixture.name, fixture] as const))('%s', (_, fixture) => {
  expect(found(fixture)).toEqual(asLines(fixture.findings, fixture.findings));
});

test('at least 60 mistakes are shown', () => {
  expect(fixtures.filter(({ name }) => name.startsWith('invalid/')).length).toBeGreaterThanOrEqual(60);
});

test('ids are there once, in kebab case, and none is also a problem of the renderer', () => {
  const ids = [...checks.map(({ id }) => id), ...Object.keys(problemKinds), ...exemptionIds];
  expect(ids.filter((id) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))).toEqual([]);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test('every id is shown by a fixture, and every fixture shows an id that there is', () => {
  const ids = [...checks.map(({ id }) => id), ...Object.keys(problemKinds), ...exemptionIds].sort();
  const shown = new Set(fixtures.flatMap(({ findings }) => findings.map(({ id }) => id)));
  expect([...shown].sort()).toEqual(ids);
});

test.each(checks.map(({ id }) => [id]))('without %s a fixture fails', (id) => {
  const rules = checks.filter((check) => check.id !== id);
  const fails = fixtures
    .filter((fixture) => fixture.findings.some((expected) => expected.id === id))
    .some((fixture) => found(fixture, rules).join() !== asLines(fixture.findings, fixture.findings).join());
  expect(fails).toBe(true);
});
