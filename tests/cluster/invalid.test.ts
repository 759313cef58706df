import { defineCluster } from '../../cluster/define';
import { DefinitionError } from '../../cluster/problems';
import { baseInput, invalidFixtures } from './fixtures';

const fixtures = invalidFixtures();

test('there are at least 25 reasons, each with its message', () => {
  expect(fixtures.length).toBeGreaterThanOrEqual(25);
  expect(fixtures.filter(({ problems }) => problems.length === 0)).toEqual([]);
});

test.each(fixtures)('refuses $reason', ({ problems, ...changes }) => {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const expected = [`stack east: ${count}`, ...problems.map((problem) => `  - ${problem}`)].join('\n');
  expect(() => defineCluster(baseInput(changes))).toThrow(new Error(expected));
  expect(() => defineCluster(baseInput(changes))).toThrow(DefinitionError);
});
