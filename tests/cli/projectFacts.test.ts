import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectFacts } from '../../cli/validate/projectFacts';

const fixtures = join(__dirname, '..', 'fixtures', 'stacks');
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'k8s-gitops-definitions-'));
  cpSync(fixtures, root, { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

const problems = () => projectFacts(root).definitions;

test('the fixture stacks have no problems', () => {
  expect(problems()).toEqual([]);
});

test('a repository without a Pulumi project or without stacks is not checked', () => {
  rmSync(join(root, 'Pulumi.yaml'));
  expect(problems()).toBeUndefined();
  cpSync(join(fixtures, 'Pulumi.yaml'), join(root, 'Pulumi.yaml'));
  for (const stack of ['east', 'west']) rmSync(join(root, `Pulumi.${stack}.yaml`));
  expect(problems()).toBeUndefined();
});

test('a cluster without a stack file is left to another rule, and still checked against', () => {
  rmSync(join(root, 'Pulumi.west.yaml'));
  expect(problems()).toEqual([]);
});

test('a broken project file concerns every stack', () => {
  writeFileSync(join(root, 'Pulumi.yaml'), 'name: [\n');
  expect(problems()?.map(({ stack, at }) => [stack, at])).toEqual([
    ['east', { file: 'Pulumi.yaml', line: 2 }],
    ['west', { file: 'Pulumi.yaml', line: 2 }],
  ]);
});

test('an unreadable and an invalid file each give their line, what is wrong and the fix', () => {
  writeFileSync(join(root, 'Pulumi.west.yaml'), 'config:\n\tx: 1\n');
  writeFileSync(join(root, 'Pulumi.east.yaml'), 'config:\n  k8s-gitops:applyMode: never\n');
  const [unreadable, ...invalid] = [...problems()!].sort((a, b) => b.stack.localeCompare(a.stack));
  expect(unreadable).toEqual({
    stack: 'west',
    at: { file: 'Pulumi.west.yaml', line: 2 },
    what: 'Tabs are not allowed as indentation',
    todo: 'fix the YAML',
  });
  expect(invalid).toContainEqual({
    stack: 'east',
    at: { file: 'Pulumi.east.yaml', line: 2 },
    what: 'applyMode: found "never", expected one of auto, no_reboot, reboot, staged',
    todo: 'correct it',
  });
});
