import { type JsonMap, valueAt } from '../../kubernetesObject';
import { type Path, about } from '../about';
import type { Check, RawFinding } from '../check';
import { releases, valuesOf } from '../sources/charts';

/** A value of Cilium's chart that makes it bring a certificate authority of its own. */
interface Wrong {
  path: string[];
  what: string;
  todo: string;
}

/** Which values of Cilium's chart (1.18) make a CA, given its defaults. */
export function caMadeBy(values: JsonMap): Wrong[] {
  const wrong: Wrong[] = [];
  const on = (otherwise: boolean, ...path: string[]): boolean => (valueAt(values, ...path) ?? otherwise) === true;
  const jobs: string[][] = [];
  if (
    on(true, 'hubble', 'enabled') &&
    on(true, 'hubble', 'tls', 'enabled') &&
    on(true, 'hubble', 'tls', 'auto', 'enabled')
  )
    jobs.push(['hubble', 'tls', 'auto', 'method']);
  if (on(false, 'clustermesh', 'useAPIServer') && on(true, 'clustermesh', 'apiserver', 'tls', 'auto', 'enabled'))
    jobs.push(['clustermesh', 'apiserver', 'tls', 'auto', 'method']);
  const methods = jobs.map((path) => ({ path, method: valueAt(values, ...path) ?? 'helm' }));
  for (const { path, method } of methods) {
    if (method !== 'helm') continue;
    wrong.push({
      path,
      what: `renders certificates and a CA with the chart (${path.join('.')}: helm)`,
      todo: `set ${path.join('.')} to cronJob`,
    });
  }
  if (methods.some(({ method }) => method === 'cronJob') && on(true, 'certgen', 'generateCA')) {
    wrong.push({
      path: ['certgen', 'generateCA'],
      what: 'lets the certificate job make a CA',
      todo: 'set certgen.generateCA to false',
    });
  }
  for (const field of ['cert', 'key']) {
    const value = valueAt(values, 'tls', 'ca', field);
    if (value === undefined || value === '' || value === null) continue;
    wrong.push({ path: ['tls', 'ca', field], what: `brings tls.ca.${field}`, todo: `remove tls.ca.${field}` });
  }
  return wrong;
}

/** Cilium with a certificate authority of its own. */
export const ciliumMakesCa: Check = {
  id: 'cilium-makes-ca',
  severity: 'error',
  set: 'platform',
  why: 'All clusters share one CA, which the program seeds as Secret cilium-ca; another one cuts the mesh.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const { release, chart } of releases(cluster)) {
        if (chart.name !== 'cilium') continue;
        for (const { path, what, todo } of caMadeBy(valuesOf(release.object))) {
          const place: Path = ['spec', 'values', ...path];
          yield about(tree, cluster, release, place, what, todo);
        }
      }
    }
  },
};
