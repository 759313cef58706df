import { findOrphans } from '../../../gitops/checks/structure/orphans';
import { handTree } from './handTree';

const files = (...names: string[]): Record<string, string> => Object.fromEntries(names.map((name) => [name, '']));

function orphans(read: string[], there: string[], skipped?: 'failed'): string[] {
  const tree = handTree([
    { name: 'flux-system', files: files(...read) },
    { name: 'a', parent: 'flux-system', skipped },
  ]);
  return findOrphans({ ...tree, files: [...read, ...there].sort() }).map(
    ({ kind, path, file }) => `${kind} ${path} ${file}`,
  );
}

test('a file beside others that are read', () => {
  expect(orphans(['k/a/x.yaml'], ['k/a/y.yaml'])).toEqual(['file k/a/y.yaml k/a/y.yaml']);
});

test('the highest folder that nobody reads, once', () => {
  expect(orphans(['k/a/x.yaml'], ['k/old/one/x.yaml', 'k/old/two/y.yaml'])).toEqual(['folder k/old k/old/one/x.yaml']);
});

test('a folder that could be built is named by its kustomization', () => {
  expect(orphans(['k/a/x.yaml'], ['k/old/a.yaml', 'k/old/kustomization.yaml'])).toEqual([
    'kustomization k/old k/old/kustomization.yaml',
  ]);
});

test('what is for people is left alone, and nothing is known while rendering fails', () => {
  expect(orphans(['k/a/x.yaml'], ['k/README.md', 'k/a/.sourceignore'])).toEqual([]);
  expect(orphans(['k/a/x.yaml'], ['k/a/y.yaml'], 'failed')).toEqual([]);
});
