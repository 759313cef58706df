import { nodeProblem, platformProblem, programProblem } from '../../lab/up/prerequisites';

test.each([
  ['20.19.0', true],
  ['20.20.2', true],
  ['22.1.0', true],
  ['20.18.3', false],
  ['18.20.0', false],
])('node %s', (found, supported) => {
  expect(nodeProblem(found, [20, 19])).toBe(
    supported
      ? undefined
      : `node: found ${found}, expected at least 20.19; run \`mise install\`, or see https://nodejs.org`,
  );
});

test('supports Linux only', () => {
  expect(platformProblem('linux')).toBeUndefined();
  expect(platformProblem('darwin')).toBe('system: found darwin, expected linux; run the lab on a Linux machine');
});

const git = {
  program: 'git',
  versionArguments: ['--version'],
  minimum: [2, 30] as const,
  why: 'it serves',
  howToGet: 'get it',
};

test.each([
  ['git version 2.30.0', undefined],
  ['git version 3.1', undefined],
  ['git version 2.9.5', 'git: found 2.9.5, expected at least 2.30 (it serves); get it'],
  ['', 'git: found no version, expected at least 2.30 (it serves); get it'],
  [undefined, 'git: not found on PATH (it serves); get it'],
])('a program that prints %j', (output, problem) => {
  expect(programProblem(git, output)).toBe(problem);
});

test.each([
  ['v3.248.0\n', undefined],
  ['v3.249.0\n', 'git: found 3.249.0, expected v3.248.0 (it serves); get it'],
])('a program that must have an exact version and prints %j', (output, problem) => {
  expect(programProblem({ ...git, exactly: 'v3.248.0' }, output)).toBe(problem);
});
