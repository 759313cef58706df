import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const repository = resolve(__dirname, '../..');
let root: string;
const write = (file: string, text: string): void => writeFileSync(join(root, file), text);
const cached = (): string[] => readdirSync(join(root, 'node_modules', '.cache', 'k8s-gitops')).sort();

/** Runs `app/main.ts` and returns its output. */
const run = (): string => {
  const start = `require('./bin/precompiled.js').runPrecompiled('app/main.ts', { external: ['outside'] })`;
  return execFileSync(process.execPath, ['-p', start], { cwd: root, encoding: 'utf8', stdio: 'pipe' });
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'k8s-gitops-precompiled-'));
  cpSync(join(repository, 'bin'), join(root, 'bin'), { recursive: true });
  for (const folder of ['app', 'node_modules/outside']) mkdirSync(join(root, folder), { recursive: true });
  for (const name of ['esbuild', '@esbuild'])
    symlinkSync(join(repository, 'node_modules', name), join(root, 'node_modules', name));
  write('node_modules/.package-lock.json', '{}');
  write('node_modules/outside/index.js', 'module.exports = __filename;');
  write('tsconfig.json', '{}');
  write(
    'app/part.ts',
    `export const part: string = 'one';\nif (require.main === module) console.log('part is main');\n`,
  );
  write('app/data.json', '{"number":42}');
  write(
    'app/main.ts',
    `import outside from 'outside';
import { part } from './part';
import { number } from './data.json';
if (require.main === module) console.log(part, __dirname, outside);
export const answer: number = number;
`,
  );
});
afterEach(() => rmSync(root, { recursive: true }));

const output = (part: string): string => `${part} ${root}/app ${root}/node_modules/outside/index.js`;

test('runs the entry point as the main module; every source knows its own folder', () => {
  expect(run().split('\n')[0]).toBe(output('one'));
});

test('a second run compiles nothing and uses the compiled code of the first', () => {
  run();
  const before = cached();
  expect(before).toHaveLength(3);
  rmSync(join(root, 'bin', 'compile.js'));
  // Its own source is one of the inputs, so restore what the index says about it.
  const [index = ''] = before.filter((name) => name.endsWith('.json'));
  const file = join(root, 'node_modules', '.cache', 'k8s-gitops', index);
  const content = JSON.parse(readFileSync(file, 'utf8')) as { inputs: Record<string, string> };
  content.inputs['bin/compile.js'] = 'missing';
  writeFileSync(file, JSON.stringify(content));
  expect(run().split('\n')[0]).toBe(output('one'));
  expect(cached()).toEqual(before);
});

test.each([
  ['a source', () => write('app/part.ts', `export const part = 'two';`), 'two'],
  ['data', () => write('app/data.json', '{"number":43}'), 'one'],
  ['the installed packages', () => write('node_modules/.package-lock.json', '{"a":1}'), 'one'],
  ['the settings', () => write('tsconfig.json', '{"compilerOptions":{}}'), 'one'],
])('compiles again after a change of %s, and keeps one bundle', (_, change, part) => {
  run();
  const index = (): string =>
    readFileSync(
      join(root, 'node_modules', '.cache', 'k8s-gitops', cached().find((name) => name.endsWith('.json')) ?? ''),
      'utf8',
    );
  const before = index();
  change();
  expect(run().split('\n')[0]).toBe(output(part));
  expect(index()).not.toBe(before);
  expect(cached()).toHaveLength(3);
});

test('a damaged cache counts as none', () => {
  run();
  for (const name of cached()) write(join('node_modules', '.cache', 'k8s-gitops', name), 'damaged');
  expect(run().split('\n')[0]).toBe(output('one'));
});

test('several processes may compile at the same time', async () => {
  const start = `require('./bin/precompiled.js').runPrecompiled('app/main.ts', { external: ['outside'] })`;
  const runs = Array.from({ length: 6 }, () => promisify(execFile)(process.execPath, ['-p', start], { cwd: root }));
  for (const { stdout } of await Promise.all(runs)) expect(stdout.split('\n')[0]).toBe(output('one'));
});

test('bin/run.js runs a file with its arguments, as if it had been started itself', () => {
  write('app/arguments.ts', 'const list: string[] = process.argv.slice(1);\nconsole.log(JSON.stringify(list));\n');
  const script = [join(root, 'bin', 'run.js'), 'app/arguments.ts', '--flag', 'value'];
  const printed = execFileSync(process.execPath, script, { cwd: root, encoding: 'utf8' });
  expect(JSON.parse(printed)).toEqual([join(root, 'app', 'arguments.ts'), '--flag', 'value']);
});

test('a source that does not compile is named with its line', () => {
  write('app/part.ts', 'export const part = ;\n');
  expect(() => run()).toThrow(/app\/part\.ts:1:20/);
});

test('an import on demand works in code that an earlier run compiled, also of a folder of a package', () => {
  mkdirSync(join(root, 'node_modules/outside/folder'));
  write('node_modules/outside/folder/index.js', 'exports.name = "folder";');
  write('app/main.ts', `void import('outside/folder').then(({ name }) => console.log('imported', name));\n`);
  const start = `require('./bin/precompiled.js').runPrecompiled('app/main.ts', { external: ['outside', 'outside/*'] })`;
  for (const attempt of [1, 2, 3]) {
    const text = execFileSync(process.execPath, ['-e', start], { cwd: root, encoding: 'utf8', stdio: 'pipe' });
    expect([attempt, text]).toEqual([attempt, 'imported folder\n']);
  }
});
