import { durationSeconds } from '../../duration';
import { specOf } from '../../kubernetesObject';
import { about } from '../about';
import type { Check, RawFinding } from '../check';
import { isHelmRelease } from '../sources/charts';
import { declaredKustomizations } from './dependencies';

// What the CustomResourceDefinition itself requires (interval, prune, sourceRef) is the schema's to report.
const fields = [
  {
    id: 'kustomization-without-retry-interval',
    field: 'retryInterval',
    why: 'Without it a failed apply is tried again only after the whole interval.',
  },
  {
    id: 'kustomization-without-timeout',
    field: 'timeout',
    why: 'Without it health is waited for as long as the interval, whatever that happens to be.',
  },
];

/** Kustomizations that leave a field to Flux that this platform sets. */
export const missingFields: Check[] = fields.map(({ id, field, why }) => ({
  id,
  severity: 'error',
  set: 'platform',
  why,
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const [kustomization, object] of declaredKustomizations(cluster)) {
        if (specOf(kustomization.object)[field] !== undefined) continue;
        const todo = `set spec.${field}, or include the component with the cluster's defaults`;
        yield about(tree, cluster, object, ['spec'], `has no spec.${field}`, todo);
      }
    }
  },
}));

function healthChecks(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

/** A Kustomization that is ready as soon as it is applied. */
export const kustomizationWithoutHealth: Check = {
  id: 'kustomization-without-health',
  severity: 'error',
  set: 'platform',
  why: 'What depends on it starts before it works, and nobody hears when it does not.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const [kustomization, object] of declaredKustomizations(cluster)) {
        const spec = specOf(kustomization.object);
        if (spec['wait'] === true || healthChecks(spec['healthChecks'])) continue;
        const path = ['spec', ...(spec['wait'] === false ? ['wait'] : [])];
        const what = 'waits for nothing: neither spec.wait nor spec.healthChecks is set';
        yield about(tree, cluster, object, path, what, 'set spec.wait to true, or list spec.healthChecks');
      }
    }
  },
};

/** Health checks that Flux does not look at. */
export const waitWithHealthChecks: Check = {
  id: 'wait-with-health-checks',
  severity: 'warning',
  set: 'general',
  why: 'Flux ignores spec.healthChecks where spec.wait is true.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const [kustomization, object] of declaredKustomizations(cluster)) {
        const spec = specOf(kustomization.object);
        if (spec['wait'] !== true || !healthChecks(spec['healthChecks'])) continue;
        const what = 'has spec.wait and spec.healthChecks, which then have no effect';
        yield about(tree, cluster, object, ['spec', 'healthChecks'], what, 'keep one of the two');
      }
    }
  },
};

const show = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A Kustomization that gives up before the releases in it do. */
export const timeoutShorterThanRelease: Check = {
  id: 'timeout-shorter-than-release',
  severity: 'error',
  set: 'platform',
  why: 'The release says what is wrong; a Kustomization that gives up first says only that it waited.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const [kustomization, object] of declaredKustomizations(cluster)) {
        const spec = specOf(kustomization.object);
        const own = durationSeconds(spec['timeout']);
        if (own === undefined || spec['wait'] !== true) continue;
        for (const release of cluster.objects) {
          if (release.kustomization !== kustomization.id || !isHelmRelease(release.object)) continue;
          const timeout = specOf(release.object)['timeout'];
          const theirs = durationSeconds(timeout);
          if (theirs === undefined || theirs < own) continue;
          const what = `gives up after ${show(spec['timeout'])}, HelmRelease ${release.object.metadata.name} after ${show(timeout)}`;
          yield about(
            tree,
            cluster,
            object,
            ['spec', 'timeout'],
            what,
            'give the Kustomization more time than its releases',
          );
        }
      }
    }
  },
};
