import { clusterFolder, listFileOf } from '../clusterSettings';
import { fleetProblems } from '../generate/fleet';
import { generateCommand, generatedFolder, staleFiles } from '../generate/generatedFiles';
import { fleetOf } from '../generate/readFleet';
import type { Check, LookedAt, RawFinding } from './check';

/** A file of `npm run generate` that does not follow from what the clusters list. */
export const generatedFileStale: Check = {
  id: 'generated-file-stale',
  severity: 'error',
  set: 'platform',
  why: 'The cluster that stores allows only the writers that it has, and misses only what it expects.',
  needs: 'wholeTree',
  *run(tree): Generator<RawFinding | LookedAt> {
    const folders = tree.clusters.map(({ name }) => `${generatedFolder(name)}/`);
    const existing = tree.files.filter((file) => folders.some((folder) => file.startsWith(folder)));
    const stale = staleFiles(fleetOf(tree.clusters), existing, (path) => tree.read(path));
    yield { places: existing.length };
    for (const { path, line, text } of stale) {
      const cluster = tree.clusters.find(({ name }) => path.startsWith(`${clusterFolder(name)}/`))?.name;
      const isMissing = tree.read(path) === undefined;
      const what = isMissing
        ? 'is missing'
        : text === undefined
          ? 'is left over: no system of a cluster needs it'
          : 'is not what the systems of the clusters demand';
      yield {
        // Annotations need a file that exists.
        at: isMissing && cluster !== undefined ? { file: listFileOf(cluster), line: 1 } : { file: path, line },
        object: `File ${path}`,
        what,
        todo: `run \`${generateCommand}\` and commit what it writes`,
        ...(cluster === undefined ? {} : { clusters: [cluster] }),
      };
    }
  },
};

/** Clusters that do not agree on which of them stores. */
export const storeAmbiguous: Check = {
  id: 'store-ambiguous',
  severity: 'error',
  set: 'platform',
  why: 'All clusters reach the one that stores under the same name: with two of them, or none, data goes to either or is lost.',
  needs: 'wholeTree',
  *run(tree): Generator<RawFinding> {
    for (const { cluster, system, what, todo } of fleetProblems(fleetOf(tree.clusters))) {
      const file = listFileOf(cluster);
      const lines = (tree.read(file) ?? '').split('\n');
      const at = lines.findIndex((line) => line.trim() === `- ../../systems/${system}`);
      yield { at: { file, line: Math.max(at, 0) + 1 }, object: `Cluster ${cluster}`, what, todo, clusters: [cluster] };
    }
  },
};
