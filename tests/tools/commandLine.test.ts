import { spawnSync } from 'node:child_process';
import { existsSync, openSync, closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { withCheckedValues } from '../../tools/commandLine';

const root = join(__dirname, '..', '..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs what an npm script runs, without npm. */
function run(script: string, args: readonly string[], stdout: 'pipe' | number = 'pipe'): Ended {
  const [program = '', ...rest] = (scripts[script] ?? '').split(' ');
  const command = program === 'tsx' ? ['--import', 'tsx', ...rest] : rest;
  const ended = spawnSync(process.execPath, [...command, ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', stdout, 'pipe'],
    timeout: 60_000,
  });
  return { code: ended.status, stdout: ended.stdout ?? '', stderr: ended.stderr };
}

// Starting a command takes a second or two.
jest.setTimeout(120_000);

/** What runs as it is, with the help of its own program. */
const foreign = ['typecheck', 'format', 'test', 'test:lab'];
/** Needs a lab: `npm run lab -- pulumi` passes everything to the Pulumi CLI. */
const passedOn = ['pulumi'];
const short = ['lint:prose'];
const commands = Object.keys(scripts).filter((name) => ![...foreign, ...passedOn, ...short].includes(name));

test.each(commands)('%s --help prints how it is used, and does nothing', (script) => {
  const { code, stdout, stderr } = run(script, ['--help']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^usage: /i);
  expect(stdout).toMatch(new RegExp(`^Examples:\\n  npm run (-s )?${script}( |$)`, 'm'));
});

test('every script with the help of another program runs that program', () => {
  expect(foreign.map((name) => scripts[name]?.split(' ')[0])).toEqual(['tsc', 'oxfmt', 'jest', 'tsx']);
});

test('every command of the lab has examples that start it', () => {
  const names = [...readFileSync(join(root, 'lab/cli.ts'), 'utf8').matchAll(/\.command\('([a-z-]+)'/g)];
  const withOwnHelp = names
    .map(([, name = '']) => name)
    .filter((name) => !['pulumi', 'snapshot', 'rehearse'].includes(name));
  const source = readFileSync(join(root, 'lab/cli.ts'), 'utf8').split(/\n(?= +\.command\()/);
  const without = withOwnHelp.filter((name) => {
    const block = source.find((part) => part.trimStart().startsWith(`.command('${name}'`)) ?? '';
    return !block.includes('.addHelpText(') || !new RegExp(`npm run (-s )?lab(?: -- .*${name}|')`).test(block);
  });
  expect([withOwnHelp.length > 10, without]).toEqual([true, []]);
});

test.each([
  ...commands.map((script) => [script, '--bogus']),
  // Names that every object has.
  ...['bench', 'tools', 'lint', 'lab'].flatMap((script) => [
    [script, 'toString'],
    [script, '__proto__'],
  ]),
])('%s refuses %s without a stack trace', (script = '', arg = '') => {
  const { code, stderr, stdout } = run(script, [arg]);
  expect([code === 0, stdout]).toEqual([false, '']);
  expect(stderr).toMatch(/unknown|required option|found|expected/i);
  expect(stderr).not.toMatch(/^ +at /m);
});

const full = existsSync('/dev/full') ? test.each : test.skip.each;
full(['validate', 'preflight', 'docs', 'lab', 'bench', 'tools', 'lint', 'check'])(
  '%s says in one line that its output cannot be written',
  (script) => {
    const file = openSync('/dev/full', 'w');
    try {
      const { code, stderr } = run(script, ['--help'], file);
      expect(stderr).toMatch(/^[a-z]+: standard output cannot be written: ENOSPC.*; free space, or redirect it\n$/);
      expect(code).toBeGreaterThan(0);
    } finally {
      closeSync(file);
    }
  },
);

test.each<[string, string[], RegExp]>([
  ['validate', ['--json', '--github'], /'--github' cannot be used with option '--json'/],
  ['validate', ['--diff', 'HEAD', '--github'], /'--github' cannot be used with option '--diff <ref>'/],
  ['validate', ['--diff', 'HEAD', '--json', '--markdown'], /'--markdown' cannot be used with option '--json'/],
  ['validate', ['--root', ''], /'--root <dir>' argument '' is invalid. It is empty/],
  ['validate', ['--cluster', ' '], /'--cluster <name>' argument ' ' is invalid. It is empty/],
  ['validate', ['--entry', '--json'], /'--entry <path>' argument '--json' is invalid. It is an option/],
  ['preflight', ['--stack', ''], /'--stack <name>' argument '' is invalid. It is empty/],
  ['preflight', ['--stack', '--json'], /'--stack <name>' argument '--json' is invalid. It is an option/],
  ['preflight', ['--stack', 'infra', '--commit', ''], /'--commit <sha>' argument '' is invalid/],
  ['lab', ['preflight', '--stack', '--json'], /'--stack <name>' argument '--json' is invalid/],
  ['lab', ['up', '--from', ''], /'--from <snapshot>' argument '' is invalid/],
  ['lab', ['kubectl', '--cluster', '', 'get', 'nodes'], /'--cluster <name>' argument '' is invalid/],
  ['check', ['--changed', ''], /'--changed \[ref\]' argument '' is invalid/],
])('%s %j is refused', (script, args, message) => {
  const { code, stdout, stderr } = run(script, args);
  expect(stderr).toMatch(message);
  expect([code === 0, stdout]).toEqual([false, '']);
});

test('a value keeps what its option makes of it', () => {
  const command = withCheckedValues(
    new Command()
      .exitOverride()
      .option('--name <name>', 'repeatable', (value: string, previous: string[]) => [...previous, value], [])
      .option('--count <n>', 'a number', Number)
      .option('--plain <text>', 'text', 'default')
      .option('--switch'),
  );
  command.parse(['--name', 'a', '--name', 'b', '--count', '-1', '--switch'], { from: 'user' });
  expect(command.opts()).toEqual({ name: ['a', 'b'], count: -1, plain: 'default', switch: true });
});
