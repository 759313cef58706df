import { type Command, node, runInOrder, runTogether, timeTable } from '../../../tools/check/commands';

const script = (name: string, code: string): Command => ({ name, command: [node, '-e', code] });

test('commands that run together: each failure is printed wholly, success is silent', async () => {
  const written: string[] = [];
  const outcomes = await runTogether(
    [
      script('bad', 'console.log("to stdout"); console.error("to stderr"); process.exitCode = 3'),
      script('good', 'console.log("fine")'),
      script('silent', 'process.exitCode = 1'),
      { name: 'missing', command: ['/nonexistent/program'] },
    ],
    (text) => written.push(text),
    1,
  );
  expect(outcomes.map(({ name, passed }) => [name, passed])).toEqual([
    ['bad', false],
    ['good', true],
    ['silent', false],
    ['missing', false],
  ]);
  expect(written).toEqual([
    expect.stringMatching(/^== bad: failed\n(to stdout\nto stderr|to stderr\nto stdout)\n$/),
    '== silent: failed\nno output\n',
    '== missing: failed\nCommand failed with ENOENT: /nonexistent/program\nspawn /nonexistent/program ENOENT\n',
  ]);
});

test('commands in order: all of them run, whatever failed before', async () => {
  const announced: string[] = [];
  const outcomes = await runInOrder(
    [script('one', 'process.exitCode = 1'), script('two', '')],
    ({ name }) => void announced.push(name),
  );
  expect(announced).toEqual(['one', 'two']);
  expect(outcomes.map(({ passed }) => passed)).toEqual([false, true]);
});

test('the table of times adds up, or states the given total', () => {
  const outcomes = [
    { name: 'lint', passed: true, seconds: 6.04 },
    { name: 'npm test', passed: false, seconds: 121.26 },
  ];
  expect(timeTable(outcomes)).toBe('lint         6.0 s\nnpm test   121.3 s  failed\ntotal      127.3 s');
  expect(timeTable(outcomes, 121.3)).toMatch(/\ntotal {6}121\.3 s$/);
});
