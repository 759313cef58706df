import { join, relative } from 'node:path';
import execa from 'execa';
import { proseCommand } from '../../tools/check/lintCommands';
import { passages } from '../../tools/prose/passages';
import { compileWordList, findHits, readWordList } from '../../tools/prose/wordList';

const root = join(__dirname, '../..');

/** What `npm run lint:prose` prints for a folder of tests/fixtures/prose, which it otherwise skips. */
async function lint(folder: string): Promise<string[]> {
  const path = relative(root, join(root, 'tests/fixtures/prose', folder));
  const [file, ...args] = proseCommand(['--ignore-path', '/dev/null', path]).command;
  const { stdout } = await execa(file, args, { cwd: root, reject: false });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

test('reports a phrase in Markdown, comments and message strings, with file, line and replacement', async () => {
  expect(await lint('bad')).toEqual([
    'tests/fixtures/prose/bad/page.md:4:11: "nobody": use no one',
    expect.stringMatching(/^tests\/fixtures\/prose\/bad\/page\.md:4:1: "anew": use again/),
    expect.stringMatching(/^tests\/fixtures\/prose\/bad\/settings\.yaml:1:3: "There is none": use "does not exist"/),
    'tests/fixtures/prose/bad/settings.yaml:2:26: "mended": use fix, fixed',
    'tests/fixtures/prose/bad/source.ts:1:8: "mended": use fix, fixed',
    expect.stringMatching(/^tests\/fixtures\/prose\/bad\/source\.ts:2:28: "somebody": use someone/),
    expect.stringMatching(/^tests\/fixtures\/prose\/bad\/source\.ts:3:14: "knows no": use /),
    expect.stringMatching(/^tests\/fixtures\/prose\/bad\/source\.ts:5:51: "is no address": use "is not a …"/),
    'tests/fixtures/prose/bad/source.ts:6:23: "Nobody": use no one',
    expect.stringMatching(/^tests\/fixtures\/prose\/bad\/tool\.go:3:4: "judged": use evaluate/),
    expect.stringMatching(/^tests\/fixtures\/prose\/bad\/tool\.go:5:21: "is not there": use /),
  ]);
}, 60_000);

test('reports nothing in clean text, in code or in identifiers', async () => {
  expect(await lint('clean')).toEqual([]);
}, 60_000);

test('no replacement in the word list is itself an excluded phrase', () => {
  const list = readWordList(join(root, 'tools/prose/words.yaml'));
  const unquoted = list.entries.map(({ use }) => use.replace(/"[^"]*"/g, ''));
  expect(unquoted.flatMap((use) => findHits(use, list).map(({ found }) => found))).toEqual([]);
});

test('an entry with both a phrase and a pattern is refused', () => {
  expect(() => compileWordList([{ phrase: 'a', pattern: 'b', use: 'c' }])).toThrow('found both or neither');
});

test('joins line comments on consecutive lines and skips strings without a space', () => {
  const text = "// one\n  // two\n\n// three\nconst a = 'four';\nconst b = `five six ${a} seven`;\n";
  expect(passages(text, '.ts').map(({ start, end }) => text.slice(start, end))).toEqual([
    '// one\n  // two',
    '// three',
    'five six ',
  ]);
});
