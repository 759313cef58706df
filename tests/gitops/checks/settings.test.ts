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
  interface Given {
    /** The settings of a cluster. */
    lines: string;
    /** A manifest of it. */
    uses?: string;
  }
  const tree = (one: Given, two: Given, program: string[] = [], component = ''): ReturnType<typeof handTree> => {
    const half = (file: string, { lines, uses = '' }: Given): ReturnType<typeof handTree> =>
      handTree([
        { name: 'flux-system', files: { [file]: map(lines) } },
        { name: 'a', parent: 'flux-system', spec, files: uses === '' ? {} : { [`a-${file}`]: uses } },
      ]);
    const [left, right] = [half('one.yaml', one), half('two.yaml', two)];
    const clusters = [...left.clusters, ...right.clusters.map((cluster) => ({ ...cluster, name: 'two' }))];
    const facts = { ...idleProgram, settings: program };
    const file = 'components/a/x.yaml';
    const read = (path: string): string | undefined =>
      path === file ? component : (left.read(path) ?? right.read(path));
    return { ...left, clusters, program: facts, files: [file], read };
  };
  const pod = (text: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: a}\nspec: {x: "${text}"}\n`;

  test('a key that one cluster needs and lacks needs a reason on its line', () => {
    const found = (lines: string): string[] =>
      findingsOf(settingNotEverywhere, tree({ lines }, { lines: '  A: z\n' }, ['A', 'B']));
    expect(found('  A: x\n  B: y\n')).toEqual(['one.yaml:6 B is set here but not on two']);
    expect(found('  A: x\n  B: y # only this one has a tunnel\n')).toEqual([]);
    expect(found('  A: x\n  B: "y # no"\n')).toHaveLength(1);
  });

  test.each<[string, string, string, number]>([
    ['nothing uses it there', '', '', 0],
    ['it has a default there', pod('${B:=c}'), '', 0],
    ['a manifest needs it there', pod('${B}'), '', 1],
    ['a component of a listed system needs it', '', pod('${B}'), 1],
    ['a component has a default for it', '', pod('${B:=c}'), 0],
  ])('a key that one cluster lacks, and %s', (_, uses, component, count) => {
    const two = { lines: '  A: z\n', uses };
    const found = findingsOf(settingNotEverywhere, tree({ lines: '  B: y\n' }, two, [], component));
    expect(found).toHaveLength(count);
  });

  test('a setting is used by the program, or by a manifest of its own cluster', () => {
    const found = (program: string[], uses: [string, string], component = ''): string[] =>
      findingsOf(
        settingUnused,
        tree({ lines: '  A: x\n', uses: uses[0] }, { lines: '  A: y\n', uses: uses[1] }, program, component),
      );
    expect(found(['A'], ['', ''])).toEqual([]);
    expect(found([], ['', ''])).toHaveLength(2);
    expect(found([], [pod('${A:=b}'), ''])).toEqual([
      'two.yaml:5 A is used neither by a manifest of this cluster nor by the program',
    ]);
    expect(found([], ['', ''], pod('${A}'))).toEqual([]);
    expect(found([], ['', ''], pod('${B}'))).toHaveLength(2);
  });
});
