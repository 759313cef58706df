import { resolve } from 'node:path';
import { drift } from '../../../cli/drift';

const root = resolve(__dirname, '../../..');

let out: string[] = [];
let err: string[] = [];
beforeEach(() => {
  [out, err] = [[], []];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => err.push(String(text)) > 0);
});
afterEach(() => jest.restoreAllMocks());

test('--help is the result, and explains the exit codes', async () => {
  expect(await drift(['--help'], root)).toBe(0);
  expect(out.join('')).toMatch(/Exits with 0 \(no drift\), 2 \(drift\) or 1/);
});

test.each([
  ['an unknown option', ['--stak', 'x'], "unknown option '--stak'"],
  ['two outputs', ['--json', '--markdown'], "option '--json' cannot be used with option '--markdown'"],
  ['two outputs', ['--markdown', '--github'], "option '--markdown' cannot be used with option '--github'"],
  [
    'a credential for several stacks',
    ['--stack', 'east', '--stack', 'west', '--talosconfig', 'x'],
    '--talosconfig and --kubeconfig are for one stack; choose it with --stack',
  ],
])('refuses %s before it compares anything', async (_, args, message) => {
  expect(await drift(args, root)).toBe(1);
  expect(err.join('')).toContain(message);
  expect(out).toEqual([]);
});

test('a stack that does not exist could not be told; as JSON, in one document on stdout', async () => {
  expect(await drift(['--stack', 'nowhere', '--stack', 'nowhere', '--json'], root)).toBe(1);
  const { stacks } = JSON.parse(out.join('')) as { stacks: { stack: string; drift: []; couldNotTell: object[] }[] };
  expect(stacks.map(({ stack, drift: found, couldNotTell }) => [stack, found, couldNotTell.length])).toEqual([
    ['nowhere', [], 1],
  ]);
  expect(err.join('')).toContain('drift: nowhere: configuration: 0 drifted, 1 could not be told');
});
