import { groupOf, isMap, specOf, valueAt, listOf } from '../../kubernetesObject';
import { type TreeCluster, isComplete } from '../../tree';
import { about } from '../about';
import type { Check, RawFinding } from '../check';
import { isHelmRelease } from '../sources/charts';

/** ConfigMaps and Secrets that Git makes, directly or by an ExternalSecret, as `Kind namespace/name`. */
function made(cluster: TreeCluster): Set<string> {
  const names = cluster.objects.flatMap(({ object }) => {
    const { name, namespace = '' } = object.metadata;
    const group = groupOf(object);
    if (group === '' && (object.kind === 'ConfigMap' || object.kind === 'Secret')) {
      return [`${object.kind} ${namespace}/${name}`];
    }
    if (group === 'external-secrets.io' && object.kind === 'ExternalSecret') {
      const target = valueAt(specOf(object), 'target', 'name');
      return [`Secret ${namespace}/${typeof target === 'string' ? target : name}`];
    }
    return [];
  });
  return new Set(names);
}

/** Values from a ConfigMap or Secret that nothing makes. */
export const releaseValuesMissing: Check = {
  id: 'release-values-missing',
  severity: 'error',
  set: 'platform',
  why: 'Flux does not install a release whose values it cannot read.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      if (!isComplete(cluster)) continue;
      const there = made(cluster);
      for (const release of cluster.objects) {
        const from = isHelmRelease(release.object) ? specOf(release.object)['valuesFrom'] : undefined;
        for (const [index, entry] of listOf(from).entries()) {
          if (!isMap(entry) || entry['optional'] === true) continue;
          const { kind, name } = entry;
          if (typeof kind !== 'string' || typeof name !== 'string') continue;
          const wanted = `${kind} ${release.object.metadata.namespace ?? ''}/${name}`;
          if (there.has(wanted)) continue;
          const what = `takes values from ${wanted}, which nothing here makes`;
          yield about(
            tree,
            cluster,
            release,
            ['spec', 'valuesFrom', index, 'name'],
            what,
            'add it, correct its name, or set optional: true',
          );
        }
      }
    }
  },
};
