import { readGitSource } from '../../gitops/gitSource';
import { readRelease } from '../../gitops/helmRelease';
import { ManifestError } from '../../gitops/manifestError';
import { renderCluster } from '../../gitops/render';
import { expectedProblems, reasons, withInvalidTree } from './fixtureTree';

/** What is wrong with a tree, by everything that the program does with one. */
function problemsOf(repoRoot: string): string[] {
  try {
    const rendered = renderCluster(repoRoot, 'one', ['namespaces', 'app']);
    readRelease(rendered, 'app');
    readGitSource(rendered, 'foreign');
    return [];
  } catch (error) {
    if (error instanceof ManifestError) return error.problems;
    throw error;
  }
}

test('there are enough reasons to refuse a tree', () => {
  expect(reasons.length).toBeGreaterThanOrEqual(25);
});

test.each(reasons)('%s is refused with its own words', (reason) => {
  expect(withInvalidTree(reason, problemsOf)).toEqual(expectedProblems(reason));
});
