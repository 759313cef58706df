import { type Json, type JsonMap, valueAt } from '../../kubernetesObject';
import { type Path, about } from '../about';
import type { Check, RawFinding } from '../check';
import { show } from '../show';
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

/** Where Cilium's chart takes what it trusts from, unless told otherwise. */
const chartBundle = { name: 'cilium-root-ca.crt', key: 'ca.crt' };

/** What keeps Cilium from trusting what the program's ConfigMap holds: a value of its chart (1.18), given its defaults. */
export function bundleMissed(values: JsonMap, seeded: { name: string; key: string }): Wrong[] {
  const bundle = (field: string): Json | undefined => valueAt(values, 'tls', 'caBundle', field);
  const path = (field: string): string[] => ['tls', 'caBundle', field];
  const map = `ConfigMap ${seeded.name}`;
  if (bundle('enabled') !== true) {
    const what = `trusts only the CA that its own certificates are from, not what ${map} holds`;
    return [{ path: path('enabled'), what, todo: 'set tls.caBundle.enabled to true' }];
  }
  const wrong: Wrong[] = [];
  const content = bundle('content');
  if (content !== undefined && content !== null && content !== '') {
    wrong.push({ path: path('content'), what: `renders ${map} itself`, todo: 'remove tls.caBundle.content' });
  }
  for (const field of ['name', 'key'] as const) {
    const value = bundle(field) ?? chartBundle[field];
    if (value === seeded[field]) continue;
    const what = `trusts what ${field} ${show(value)} holds, where the program seeds ${seeded[field]}`;
    wrong.push({ path: path(field), what, todo: `set tls.caBundle.${field} to ${seeded[field]}` });
  }
  if (bundle('useSecret') === true) {
    const what = `trusts what a Secret holds, where the program seeds ${map}`;
    wrong.push({ path: path('useSecret'), what, todo: 'remove tls.caBundle.useSecret' });
  }
  return wrong;
}

/** Cilium that does not trust what the program says it should. */
export const ciliumTrustsElsewhere: Check = {
  id: 'cilium-trusts-elsewhere',
  severity: 'error',
  set: 'platform',
  why: 'While the CA is rotated the old and the new one are trusted through the ConfigMap that the program seeds; without it, nodes and clusters cut each other off.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const { release, chart } of releases(cluster)) {
        // The chart looks for it beside itself.
        const seeded = tree.program?.configMaps.find(
          ({ namespace }) => namespace === release.object.metadata.namespace,
        );
        if (chart.name !== 'cilium' || seeded === undefined) continue;
        for (const { path, what, todo } of bundleMissed(valuesOf(release.object), seeded)) {
          yield about(tree, cluster, release, ['spec', 'values', ...path], what, todo);
        }
      }
    }
  },
};
