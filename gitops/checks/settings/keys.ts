import { identityOf } from '../../kubernetesObject';
import { locate } from '../../locate';
import { sourcesOf } from '../../sources';
import { type Tree, isComplete } from '../../tree';
import { about } from '../about';
import type { Check, RawFinding } from '../check';
import { settingsOf, settingsSources, substituteFrom } from './settingsMaps';
import { substitutedBy } from './substitution';

/** A setting that neither a manifest nor the program reads. */
export const settingUnused: Check = {
  id: 'setting-unused',
  severity: 'error',
  set: 'platform',
  why: 'Whoever changes it believes that it does something.',
  *run(tree): Generator<RawFinding> {
    if (!tree.clusters.every(isComplete)) return;
    const used = new Set([
      ...(tree.program?.settings ?? []),
      ...usedByKustomize(tree),
      ...(tree.program?.secrets ?? []).flatMap((secret) => ('setting' in secret ? [secret.setting] : [])),
      ...tree.clusters.flatMap((cluster) =>
        cluster.objects
          .filter((object) => substitutedBy(cluster, object) !== undefined)
          .flatMap(({ variables }) => variables.map(({ name }) => name)),
      ),
    ]);
    for (const cluster of tree.clusters) {
      // What others write with these settings in it is not known.
      const elsewhere = new Set(
        cluster.kustomizations
          .filter(({ skipped }) => skipped === 'external')
          .flatMap(({ object, namespace }) => substituteFrom(object, namespace)),
      );
      for (const map of settingsSources(cluster)) {
        if (elsewhere.has(`${map.object.metadata.namespace ?? ''}/${map.object.metadata.name}`)) continue;
        for (const key of Object.keys(settingsOf(map)).filter((name) => !used.has(name))) {
          const what = `${key} is used by no manifest of any cluster and not by the program`;
          yield about(tree, cluster, map, ['data', key], what, `remove it, or use \${${key}}`);
        }
      }
    }
  },
};

/** Settings that kustomize's replacements copy, and those in components, which are there for whoever includes them. */
function usedByKustomize(tree: Tree): string[] {
  return tree.files.flatMap((file) => {
    const text = sourcesOf(tree).lines(file).join('\n');
    const copied = [...text.matchAll(/^\s*fieldPath:\s*data\.(\w+)/gm)];
    const offered = /(^|\/)components\//.test(file) ? [...text.matchAll(/\$\{(\w+)/g)] : [];
    return [...copied, ...offered].map(([, name = '']) => name);
  });
}

/** A setting that another cluster lacks, without a word about why. */
export const settingNotEverywhere: Check = {
  id: 'setting-not-everywhere',
  severity: 'error',
  set: 'platform',
  why: 'What works on one cluster fails on the other, where the setting was forgotten.',
  *run(tree): Generator<RawFinding> {
    const maps = tree.clusters.flatMap((cluster) => settingsSources(cluster).map((map) => ({ cluster, map })));
    for (const { cluster, map } of maps) {
      const others = maps.filter(
        (other) => other.cluster !== cluster && identityOf(other.map.object) === identityOf(map.object),
      );
      for (const key of Object.keys(settingsOf(map))) {
        const without = others.filter((other) => !(key in settingsOf(other.map))).map((other) => other.cluster.name);
        if (without.length === 0) continue;
        const { file, line } = locate(tree, map, ['data', key]);
        if (hasReason(sourcesOf(tree).lines(file)[line - 1] ?? '')) continue;
        const what = `${key} is set here and not on ${without.join(', ')}`;
        const todo = 'set it there, too, or say at the end of this line, in a comment, why not';
        yield about(tree, cluster, map, ['data', key], what, todo);
      }
    }
  },
};

/** Whether a line ends in a comment that says something. */
function hasReason(line: string): boolean {
  const bare = line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g, '""');
  return /\s#\s*\S/.test(bare);
}
