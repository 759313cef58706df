import { defineCluster } from '../../cluster/defineCluster';
import { DefinitionError } from '../../cluster/problems';
import { baseInput, invalidFixtures } from './fixtures';
import { messagesInCode } from './messages';

const fixtures = invalidFixtures();

test('every fixture has problems', () => {
  expect(fixtures.filter(({ problems }) => problems.length === 0)).toEqual([]);
});

test('every expectation and fix in the code appears in a fixture', () => {
  const problems = fixtures.flatMap((fixture) => fixture.problems);
  const messages = messagesInCode();
  expect(messages).not.toEqual([]);
  const unused = messages.filter(({ pattern }) => !problems.some((problem) => pattern.test(problem)));
  expect(unused.map(({ text }) => text)).toEqual([]);
});

test.each(fixtures)('rejects $reason', ({ problems, ...changes }) => {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const expected = [`stack east: ${count}`, ...problems.map((problem) => `  - ${problem}`)].join('\n');
  expect(() => defineCluster(baseInput(changes))).toThrow(new Error(expected));
  expect(() => defineCluster(baseInput(changes))).toThrow(DefinitionError);
});
