import {
  assignedIn,
  becomes,
  settingNotEverywhere,
  settingUnused,
  shellUses,
  shellVariableEaten,
} from '../../../gitops/checks/settings';
import { findingsOf, handTree, idleProgram } from './handTree';

test.each(['true', 'false', '2', '-3', '1.5', 'v1.2.3', '1.2.3', '10.0.0.0/8', 'text', 'localhost'])(
  'setting %s stays the same',
  (text) => expect(becomes(text)).toBeUndefined(),
);

test.each(['yes', 'off', 'True', '0600', '1e3', '1.10', '0x1f', '~', 'null', '', '12345678901234567890', '1_000'])(
  'setting %s becomes something else',
  (text) => expect(becomes(text)).toBeDefined(),
);

test('finds the names that a script assigns', () => {
  const script = [
    'A=1',
    '  B="x"; C=$(date)',
    'export D=4 && E=5',
    'for F in a b; do echo "$F"; done',
    'read -r G H',
    'if [ "$I" = x ]; then J=1; fi',
    'run --name=K',
  ].join('\n');
  expect([...assignedIn(script)].sort()).toEqual(['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J']);
});

test('finds the variables that belong to the shell', () => {
  const script = 'name=x\necho ${name:-a} ${HOME:-b} ${1:-c} ${REGION:-d} $${name:-e} ${TOKEN:-f}';
  expect(shellUses(script, new Set(['TOKEN']))).toEqual(['name', 'HOME', '1', 'TOKEN']);
});

describe('shell-variable-eaten', () => {
  const pod = (command: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: a}\nspec:\n  containers:\n    - name: p\n      env:\n        - name: REGION\n          value: x\n      command: ["sh", "-c", "${command}"]\n`;
  const found = (command: string, variables: Record<string, string> = {}): string[] =>
    findingsOf(
      shellVariableEaten,
      handTree([
        { name: 'flux-system' },
        { name: 'a', parent: 'flux-system', spec: { postBuild: {} }, variables, files: { 'p.yaml': pod(command) } },
      ]),
    );

  test("variables of a container's environment belong to the shell", () => {
    expect(found('echo ${REGION:-here}')).toEqual([expect.stringMatching(/^p\.yaml:10 \$\{REGION…}/)]);
  });

  test('ignores a default that only Flux can use, a setting and an escaped variable', () => {
    expect(found('echo ${ZONE:-here}')).toEqual([]);
    expect(found('echo ${REGION:-here}', { REGION: 'y' })).toEqual([]);
    expect(found('echo $${REGION:-here}')).toEqual([]);
  });
});

describe('settings of two clusters', () => {
  const map = (lines: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s, namespace: flux-system}\ndata:\n${lines}`;
  const spec = { postBuild: { substituteFrom: [{ kind: 'ConfigMap', name: 's' }] } };
  const tree = (one: string, two: string, program?: string[]): ReturnType<typeof handTree> => {
    const half = (file: string, text: string): ReturnType<typeof handTree> =>
      handTree([
        { name: 'flux-system', files: { [file]: map(text) } },
        { name: 'a', parent: 'flux-system', spec },
      ]);
    const [left, right] = [half('one.yaml', one), half('two.yaml', two)];
    const clusters = [...left.clusters, ...right.clusters.map((cluster) => ({ ...cluster, name: 'two' }))];
    const facts = { ...idleProgram, settings: program ?? [] };
    return { ...left, clusters, program: facts, read: (file) => left.read(file) ?? right.read(file) };
  };

  test('a key that one cluster lacks needs a reason on its line', () => {
    expect(findingsOf(settingNotEverywhere, tree('  A: x\n  B: y\n', '  A: z\n'))).toEqual([
      'one.yaml:6 B is set here but not on two',
    ]);
    expect(findingsOf(settingNotEverywhere, tree('  A: x\n  B: y # only this one has a tunnel\n', '  A: z\n'))).toEqual(
      [],
    );
    expect(findingsOf(settingNotEverywhere, tree('  A: x\n  B: "y # no"\n', '  A: z\n'))).toHaveLength(1);
  });

  test('a setting that the program reads is used', () => {
    expect(findingsOf(settingUnused, tree('  A: x\n', '  A: y\n', ['A']))).toEqual([]);
    expect(findingsOf(settingUnused, tree('  A: x\n', '  A: y\n'))).toHaveLength(2);
  });
});
