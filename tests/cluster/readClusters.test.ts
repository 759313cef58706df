import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingsFileName, stackFileName } from '../../cluster/names';
import { otherClusters } from '../../cluster/readClusters';
import { projectName, readStackFile } from '../../cluster/stackFile';
import { ManifestError } from '../../gitops/manifestError';
import { evaluateStacks, refusalOf } from '../../stacks/evaluateStack';

const fixtures = join(__dirname, '..', 'fixtures', 'stacks');
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'k8s-gitops-clusters-'));
  cpSync(fixtures, root, { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

const sources = () => ({ root, project: root, projectName: 'k8s-gitops' });

/** Every problem of both clusters, as the lab prints it. */
function problems(): string[] {
  return [...new Set(evaluateStacks(root).flatMap((evaluated) => refusalOf(evaluated) ?? []))];
}

function edit(file: string, change: (text: string) => string): void {
  const path = join(root, file);
  const text = readFileSync(path, 'utf8');
  expect(change(text)).not.toBe(text);
  writeFileSync(path, change(text));
}

test('the fixture clusters have no problems; secrets that the files lack count as set', () => {
  expect(problems()).toEqual([]);
});

test('a problem of one cluster that concerns both is reported for both, each at its own line', () => {
  edit(settingsFileName('west'), (text) => text.replace(/K8S_API_HOST: .*/, 'K8S_API_HOST: east-k8s.example.org'));
  expect(problems().join('\n')).toMatch(
    /^stack east: 1 problem\n {2}- kubernetes\S+east\S+:\d+ K8S_API_HOST: .*\nstack west: 1 problem\n {2}- kubernetes\S+west\S+:\d+ K8S_API_HOST: .*$/,
  );
});

test('the line of a stack key is that of the key, or of the section that lacks it', () => {
  edit(stackFileName('east'), (text) => text.replace('mtu: 9000', 'mtu: x').replace(/^ +mode: .*\n/m, ''));
  expect(problems().join('\n')).toBe(
    'stack east: 1 problem\n  - Pulumi.east.yaml:22 machines.network.interfaces.bond0.mtu: found "x", ' +
      'expected an integer from 68 to 65535; correct it',
  );
  edit(stackFileName('east'), (text) => text.replace('mtu: x', 'mtu: 9000'));
  expect(problems().join('\n')).toMatch(
    /^stack east: 1 problem\n {2}- Pulumi\.east\.yaml:17 machines\.network\.interfaces\.bond0\.bond\.mode: found nothing, /,
  );
});

test('a token in plain text is a problem, a missing one is not', () => {
  edit(stackFileName('east'), (text) => `${text}  k8s-gitops:connectToken: hunter2\n`);
  expect(problems().join('\n')).toMatch(
    /^stack east: 1 problem\n.* connectToken: found plain text, expected a secret;/,
  );
  expect(problems().join('\n')).not.toContain('hunter2');
});

// Only the error itself: advice to own the zone twice, say, would follow from settings that no one could read.
test.each(['east', 'west'])('nothing follows from settings of %s that cannot be read', (name) => {
  edit(settingsFileName(name), (text) => text.replace('data:', 'data:\n\tx: 1'));
  expect(problems()).toEqual([
    expect.stringMatching(`^${settingsFileName(name)}:\\d+: Tabs are not allowed as indentation; fix the YAML$`),
  ]);
});

test.each(['east', 'west'])('nothing follows from a stack file of %s that cannot be read', (name) => {
  edit(stackFileName(name), (text) => `${text}\tx: 1\n`);
  expect(problems()).toEqual([expect.stringMatching(`^${stackFileName(name)}:\\d+: .*; fix the YAML$`)]);
});

test('what a reader of messages would not see is escaped, and a long key is shortened', () => {
  const long = 'x'.repeat(500);
  edit(settingsFileName('east'), (text) => `${text}  "\\u202eKEY": x\n  ${long}-: x\n  ${long}: x\n  ${long}: x\n`);
  for (const problem of problems()) expect(problem).toMatch(/^[ -~]{1,300}$/);
});

test("another stack's unreadable file is named", () => {
  edit(stackFileName('west'), (text) => text.replace('config:', 'config: ['));
  expect(() => otherClusters('east', sources())).toThrow(/^Pulumi\.west\.yaml:\d+: /);
});

test.each<[string, Buffer | string, string]>([
  ['UTF-16', Buffer.from('\uFEFFconfig: {}', 'utf16le'), 'Pulumi.east.yaml: is not UTF-8 text; save it as UTF-8'],
  ['a list', '- config\n', 'Pulumi.east.yaml: has no map `config`; add it'],
  ['config that is a list', 'config: []\n', 'Pulumi.east.yaml: has no map `config`; add it'],
  ['a key twice', 'config: {}\nconfig: {}\n', 'Pulumi.east.yaml:2: duplicate key config; keep one of the two'],
  ['two documents', 'config: {}\n---\nconfig: {}\n', 'Pulumi.east.yaml:3: a second document starts here; keep one'],
  [
    'aliases that expand without end',
    `a: &a [x]\n${'bcdefghi'.replace(/./g, (key) => {
      const previous = String.fromCharCode(key.charCodeAt(0) - 1);
      return `${key}: &${key} [${Array(9).fill(`*${previous}`).join(', ')}]\n`;
    })}config: {}\n`,
    'Pulumi.east.yaml: its aliases expand without end; write the values instead',
  ],
  [
    'an alias to what contains it',
    'config:\n  k8s-gitops:nodes: &a [*a]\n',
    'Pulumi.east.yaml: its aliases expand without end; write the values instead',
  ],
])('refuses a stack file that is %s', (_, content, message) => {
  const file = join(root, stackFileName('east'));
  writeFileSync(file, content);
  expect(() => readStackFile(file, 'k8s-gitops')).toThrow(new ManifestError([message]));
});

test('a new stack file has no configuration yet', () => {
  const file = join(root, stackFileName('east'));
  writeFileSync(file, 'encryptionsalt: v1:x\n');
  expect(readStackFile(file, 'k8s-gitops').values).toEqual({});
});

test('the project has a name', () => {
  expect(projectName(root)).toBe('k8s-gitops');
  writeFileSync(join(root, 'Pulumi.yaml'), 'runtime: nodejs\n');
  expect(() => projectName(root)).toThrow(
    new ManifestError(['Pulumi.yaml: `name` is missing; give the project a name']),
  );
});
