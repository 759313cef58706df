import { readGitSource } from '../../../gitops/gitSource';
import { readRelease } from '../../../gitops/helmRelease';
import { ManifestError } from '../../../gitops/manifestError';
import { renderCluster } from '../../../gitops/render/renderCluster';
import { expectedProblems, reasons, withInvalidTree } from './fixtureTree';

/** The problems that rendering a tree and reading its releases and sources report. */
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

test.each(reasons)('%s is rejected with the expected problems', (reason) => {
  expect(withInvalidTree(reason, problemsOf)).toEqual(expectedProblems(reason));
});
