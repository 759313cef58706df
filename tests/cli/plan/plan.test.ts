import { readFileSync, writeFileSync } from 'node:fs';
import execa from 'execa';
import { plan } from '../../../cli/plan';
import { planDiffMarkdown } from '../../../cli/plan/diff/markdown';
import type { PlanDiff } from '../../../cli/plan/diff/planDiff';
import { changed, fixtureRoot } from './fixtures';

/** Runs the command and returns what it printed. */
async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const stdout = jest.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((out += String(text))));
  const stderr = jest.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((err += String(text))));
  try {
    return { code: await plan(args, fixtureRoot), out, err };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

test('one stack as JSON', async () => {
  const { code, out, err } = await run('--stack', 'west', '--json');
  expect([code, err]).toEqual([0, '']);
  const { stacks } = JSON.parse(out) as { stacks: { stack: string }[] };
  expect(stacks.map(({ stack }) => stack)).toEqual(['west']);
});

test.each([
  [['--stack', 'north'], 'plan: --stack north: no such stack; use one of: east, west\n'],
  [['--markdown'], 'plan: --markdown: formats a difference only; add --diff <ref>\n'],
])('%j is refused', async (args, message) => {
  expect(await run(...args)).toEqual({ code: 1, out: '', err: message });
});

test('what the program refuses, without a stack trace', async () => {
  const root = changed([['Pulumi.west.yaml', 'address: 10.2.0.11', 'address: 10.9.0.11']]);
  const { code, out, err } = await run('--cwd', root, '--stack', 'west');
  expect([code, out]).toEqual([1, '']);
  expect(err).toMatch(/^plan: stack west: \d+ problems?\n {2}- Pulumi\.west\.yaml nodes\[0\]\.address/);
  expect(err).not.toContain('    at ');
});

test('the difference from a commit, as text, JSON and Markdown', async () => {
  const root = changed([]);
  const git = (...args: string[]) =>
    execa('git', ['-C', root, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args]);
  await git('init', '--quiet');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'before');
  const file = `${root}/Pulumi.west.yaml`;
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace('    network:\n', "    sysctls: { vm.a: '1' }\n    network:\n"),
  );
  const text = await run('--cwd', root, '--diff', 'HEAD');
  expect(text).toMatchObject({ code: 0, err: '' });
  expect(text.out.split('\n').slice(1)).toEqual([
    '',
    'west: 1 machine to change, 0 with a reboot; 1 resource; nothing for Flux',
    '  machines, in this order:',
    '    ~ west-01 (controlplane) changes without a reboot',
    '        machine.sysctls: added {"vm.a":"1"} (live)',
    '  resources of the program:',
    '    ~ MachineConfiguration west-01: configuration',
    '',
    'nothing happens to: east',
    '',
  ]);
  const json = await run('--cwd', root, '--diff', 'HEAD', '--json');
  expect(JSON.parse(json.out)).toMatchObject({ ref: 'HEAD', unchanged: ['east'], stacks: [{ stack: 'west' }] });
  const { out } = await run('--cwd', root, '--diff', 'HEAD', '--markdown');
  expect(out).toContain('#### `west`: 1 machine to change, 0 with a reboot');
  expect(out).toContain('<details><summary>west-01 (controlplane) changes without a reboot</summary>');
  expect((await run('--cwd', root, '--diff', 'nosuch')).err).toContain(
    '--diff nosuch: the repository has no such commit',
  );
});

test('Markdown that is too long is cut, and says so; text is not read as HTML', () => {
  const stack = (name: string): PlanDiff => ({
    stack: name,
    change: 'changed',
    machines: [
      {
        name: `${name}-01`,
        change: 'changed',
        role: 'worker',
        after: [],
        reboots: true,
        fields: [{ text: '<b>```x', effect: 'reboot' }],
        refused: 'a <reason>',
      },
    ],
    kubernetes: 'v1 → v2',
    releases: [],
    resources: [],
  });
  const result = { ref: 'main', commit: 'abcdef0123', stacks: [stack('a'), stack('b')], unchanged: ['c'] };
  const whole = planDiffMarkdown(result);
  expect(whole).toContain('````diff');
  expect(whole).toContain('Nothing happens to: `c`.');
  const cut = planDiffMarkdown(result, 500);
  expect(cut.length).toBeLessThanOrEqual(500);
  expect(cut).toMatch(/\*\*Cut:\*\* .*`npm run plan -- --diff main` prints all of it\.$/);
});
