import { groupOf, isMap } from '../../kubernetesObject';
import { about, eachObject } from '../about';
import type { Check, RawFinding } from '../check';

/** A Secret whose values anybody can read in Git. What SOPS encrypted is not one. */
export const secretInGit: Check = {
  id: 'secret-in-git',
  severity: 'error',
  set: 'platform',
  why: 'Whoever reads the repository, now or ever, has the secret; base64 hides nothing.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, one] of eachObject(tree)) {
      const { object } = one;
      if (object.kind !== 'Secret' || groupOf(object) !== '' || one.encrypted === true) continue;
      for (const field of ['data', 'stringData']) {
        const values = object[field];
        const keys = isMap(values) ? Object.keys(values).sort() : [];
        if (keys.length === 0) continue;
        // Keys, never values: this is printed.
        const what = `holds ${field} ${keys.join(', ')} in plain text`;
        const todo = 'put the values into the vault and take them by an ExternalSecret; change what was ever pushed';
        yield about(tree, cluster, one, [field], what, todo);
      }
    }
  },
};
