import { collectFindings } from '../../../gitops/findings';
import { definition, findOrphans, objectTwice } from '../../../gitops/checks/layout';
import { findingsOf, handTree } from './handTree';

const files = (...names: string[]): Record<string, string> => Object.fromEntries(names.map((name) => [name, '']));

function orphans(read: string[], unread: string[], skipped?: 'failed'): string[] {
  const tree = handTree([
    { name: 'flux-system', files: files(...read) },
    { name: 'a', parent: 'flux-system', skipped },
  ]);
  return findOrphans({ ...tree, files: [...read, ...unread].sort() }).map(
    ({ kind, path, file }) => `${kind} ${path} ${file}`,
  );
}

test('reports a file next to files that are read', () => {
  expect(orphans(['k/a/x.yaml'], ['k/a/y.yaml'])).toEqual(['file k/a/y.yaml k/a/y.yaml']);
});

test('reports the topmost unread folder, once', () => {
  expect(orphans(['k/a/x.yaml'], ['k/old/one/x.yaml', 'k/old/two/y.yaml'])).toEqual(['folder k/old k/old/one/x.yaml']);
});

test('reports a folder that could be built by its kustomization file', () => {
  expect(orphans(['k/a/x.yaml'], ['k/old/a.yaml', 'k/old/kustomization.yaml'])).toEqual([
    'kustomization k/old k/old/kustomization.yaml',
  ]);
});

test('ignores documentation and dot files', () => {
  expect(orphans(['k/a/x.yaml'], ['k/README.md', 'k/a/.sourceignore'])).toEqual([]);
});

test('ignores the folder of a Kustomization that a patch deletes', () => {
  const declared = (name: string): string =>
    `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}, namespace: flux-system}\nspec: {path: ./k/off}\n`;
  const found = (name: string): string[] => {
    const tree = handTree([
      { name: 'flux-system', files: { 'k/c.yaml': declared(name) } },
      { name: 'a', parent: 'flux-system' },
    ]);
    return findOrphans({ ...tree, files: ['k/c.yaml', 'k/off/x.yaml'] }).map(({ path }) => path);
  };
  expect(found('off')).toEqual([]);
  expect(found('a')).toEqual(['k/off']);
});

describe('object-twice', () => {
  const map = (annotations = ''): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m, namespace: a${annotations}}\n`;
  const tree = (second: string, skipped?: 'suspended'): ReturnType<typeof handTree> =>
    handTree([
      { name: 'flux-system' },
      { name: 'a', parent: 'flux-system', files: { 'a.yaml': map() } },
      { name: 'b', parent: 'flux-system', skipped, files: { 'b.yaml': second } },
    ]);

  test('names both owners', () => {
    expect(findingsOf(objectTwice, tree(map()))).toEqual([
      'b.yaml:1 is applied by Kustomization flux-system/b and also by flux-system/a (a.yaml)',
    ]);
  });

  test('ignores objects that an annotation shares, and suspended owners', () => {
    expect(findingsOf(objectTwice, tree(map(', annotations: {kustomize.toolkit.fluxcd.io/ssa: Merge}')))).toEqual([]);
    expect(findingsOf(objectTwice, tree(map(), 'suspended'))).toEqual([]);
  });
});

describe('definition', () => {
  const problem = (file: string) => ({ stack: 'one', at: { file, line: 2 }, what: 'wrong', todo: 'correct it' });
  const definitions = [problem('Pulumi.one.yaml'), problem('clusters/one/cluster-settings.yaml')];
  const tree = (skipped?: 'failed') => handTree([{ name: 'flux-system', skipped }], { stacks: ['one'], definitions });

  test('reports what the program refuses, at its place', () => {
    expect(findingsOf(definition, tree())).toEqual([
      'Pulumi.one.yaml:2 wrong',
      'clusters/one/cluster-settings.yaml:2 wrong',
    ]);
  });

  test('reports stack files even where the entry point does not render', () => {
    const { findings } = collectFindings(tree('failed'), { checks: [definition] });
    expect(findings.map(({ file }) => file)).toEqual(['Pulumi.one.yaml']);
  });
});
