import { groupOf } from '../../kubernetesObject';
import type { ProgramFacts, TreeCluster, TreeObject } from '../../tree';
import { about, eachObject } from '../about';
import type { Check, RawFinding } from '../check';
import { secretOf } from './secretMakers';

/** The Secrets that the program seeds on a cluster. */
export function seededSecrets(
  program: ProgramFacts | undefined,
  cluster: TreeCluster,
): { namespace: string; name: string }[] {
  return (program?.secrets ?? []).flatMap((secret) => {
    if ('name' in secret) return [secret];
    const values = cluster.kustomizations.map(({ variables }) => variables[secret.setting]);
    const name = values.find((value) => value !== undefined);
    return name === undefined ? [] : [{ namespace: secret.namespace, name }];
  });
}

/** A Secret of the program's that Git makes, too. */
export const seededSecretRendered: Check = {
  id: 'seeded-secret-rendered',
  severity: 'error',
  set: 'platform',
  why: 'The program seeds this Secret before Flux is there and keeps it right; a second owner overwrites or prunes it.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const secrets = seededSecrets(tree.program, cluster);
      for (const object of cluster.objects) {
        const made = secretOf(object);
        const own = secrets.find(
          ({ namespace, name }) => name === made?.name && (made.namespace ?? namespace) === namespace,
        );
        if (made === undefined || own === undefined) continue;
        const what = `makes Secret ${own.namespace}/${own.name}, which the program seeds`;
        yield about(tree, cluster, object, made.path, what, 'remove it, or give the Secret another name');
      }
    }
  },
};

/** The ConfigMap that an object is or makes. */
function configMapOf({ object }: TreeObject): { namespace?: string; name: string } | undefined {
  return object.kind === 'ConfigMap' && groupOf(object) === '' ? object.metadata : undefined;
}

/** A ConfigMap of the program's that Git makes, too. */
export const seededConfigMapRendered: Check = {
  id: 'seeded-config-map-rendered',
  severity: 'error',
  set: 'platform',
  why: 'The program seeds this ConfigMap before Flux is there and keeps it right; a second owner overwrites or prunes it.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, object] of eachObject(tree)) {
      const made = configMapOf(object);
      const own = tree.program?.configMaps.find(
        ({ namespace, name }) => name === made?.name && (made.namespace ?? namespace) === namespace,
      );
      if (own === undefined) continue;
      const what = `is ConfigMap ${own.namespace}/${own.name}, which the program seeds`;
      yield about(tree, cluster, object, ['metadata', 'name'], what, 'remove it, or give it another name');
    }
  },
};
