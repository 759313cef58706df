import { groupOf, specOf } from '../../kubernetesObject';
import { isComplete } from '../../tree';
import { about } from '../about';
import type { Check, RawFinding } from '../check';
import { isHelmRelease } from '../sources/charts';
import { isKustomization } from './dependencies';

// Accounts of its own controllers, which FluxInstance makes beside it.
const fluxAccounts = /^(source|kustomize|helm|notification|image-(reflector|automation))-controller$|^flux-operator$/;

/** An object that Flux applies in the name of a ServiceAccount that does not exist. */
export const serviceAccountMissing: Check = {
  id: 'service-account-missing',
  severity: 'error',
  set: 'platform',
  why: 'Flux acts in the name of that account; without it nothing is applied.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      if (!isComplete(cluster)) continue;
      const accounts = new Set(
        cluster.objects
          .filter(({ object }) => object.kind === 'ServiceAccount' && groupOf(object) === '')
          .map(({ object }) => `${object.metadata.namespace ?? ''}/${object.metadata.name}`),
      );
      for (const object of cluster.objects) {
        if (!isHelmRelease(object.object) && !isKustomization(object.object)) continue;
        const account = specOf(object.object)['serviceAccountName'];
        const namespace = object.object.metadata.namespace ?? '';
        if (typeof account !== 'string' || accounts.has(`${namespace}/${account}`)) continue;
        if (namespace === tree.program?.fluxNamespace && fluxAccounts.test(account)) continue;
        const what = `acts as ServiceAccount ${namespace}/${account}, which nothing makes`;
        const todo = `add the ServiceAccount beside the Namespace ${namespace}, with its rights`;
        yield about(tree, cluster, object, ['spec', 'serviceAccountName'], what, todo);
      }
    }
  },
};
