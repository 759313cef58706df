import { type Json, isMap, specOf, valueAt } from '../kubernetesObject';
import { writtenAt } from '../locate';
import type { Check, RawFinding } from './check';
import { isHelmRelease } from './facts/charts';
import { eachObject, findingAt, show } from './finding';
import { describeTarget, referenceRule } from './references';

/** Values that helm-controller cannot use: usually a string, because of a `|` in the YAML. */
export const releaseValuesNotObject: Check = {
  id: 'release-values-not-object',
  severity: 'error',
  set: 'general',
  why: 'Flux silently ignores values that are not an object: the chart is installed with its defaults.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, release] of eachObject(tree)) {
      if (!isHelmRelease(release.object)) continue;
      const { values } = specOf(release.object);
      if (values === undefined || values === null || isMap(values)) continue;
      const type = Array.isArray(values) ? 'a list' : `a ${typeof values}`;
      const todo = 'write the values as keys under spec.values';
      yield findingAt(tree, cluster, release, ['spec', 'values'], `has spec.values that are ${type}`, todo);
    }
  },
};

/** Values from a ConfigMap or Secret that nothing creates. */
export const releaseValuesMissing: Check = referenceRule(
  {
    id: 'release-values-missing',
    severity: 'error',
    set: 'platform',
    why: 'Flux does not install a release whose values it cannot read.',
  },
  ({ reference }) => ({
    what: `takes values from ${describeTarget(reference)}, which nothing in Git creates`,
    todo: 'add it, correct its name, or set optional: true',
  }),
);

const actions = ['install', 'upgrade'] as const;

/** A release that uses the default timeout of Flux. */
export const releaseWithoutTimeout: Check = {
  id: 'release-without-timeout',
  severity: 'error',
  set: 'platform',
  why: "Flux's default of five minutes is too short for a first install that pulls its images.",
  *run(tree): Generator<RawFinding> {
    for (const [cluster, release] of eachObject(tree)) {
      const spec = specOf(release.object);
      if (!isHelmRelease(release.object) || spec['timeout'] !== undefined) continue;
      // Each action may set its own.
      if (actions.every((action) => valueAt(spec, action, 'timeout') !== undefined)) continue;
      const todo = "set spec.timeout, or let the release's Kustomization include the cluster's defaults";
      yield findingAt(tree, cluster, release, ['spec'], 'has no spec.timeout', todo);
    }
  },
};

/** A release that is not retried after a failure. */
export const releaseWithoutRetries: Check = {
  id: 'release-without-retries',
  severity: 'error',
  set: 'platform',
  why: 'A release that failed once, perhaps because of a slow registry, stays failed until someone intervenes.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, release] of eachObject(tree)) {
      if (!isHelmRelease(release.object)) continue;
      const spec = specOf(release.object);
      for (const action of actions) {
        if (valueAt(spec, action, 'strategy', 'name') === 'RetryOnFailure') continue;
        const retries = valueAt(spec, action, 'remediation', 'retries');
        if (typeof retries === 'number' && retries !== 0) continue;
        const what = `does not retry a failed ${action}`;
        const todo = `set spec.${action}.strategy.name to RetryOnFailure, or spec.${action}.remediation.retries`;
        yield findingAt(tree, cluster, release, ['spec', action, 'strategy', 'name'], what, todo);
      }
    }
  },
};

/** Remediation that the strategy disables. */
export const releaseRemediationIgnored: Check = {
  id: 'release-remediation-ignored',
  severity: 'warning',
  set: 'general',
  why: 'Flux remediates nothing if the strategy is RetryOnFailure.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, release] of eachObject(tree)) {
      if (!isHelmRelease(release.object)) continue;
      const spec = specOf(release.object);
      for (const action of actions) {
        if (valueAt(spec, action, 'strategy', 'name') !== 'RetryOnFailure') continue;
        // remediation.ignoreTestFailures has an effect with every strategy.
        const ignored = ['retries', 'remediateLastFailure', 'strategy'].filter(
          (field) => valueAt(spec, action, 'remediation', field) !== undefined,
        );
        if (ignored.length === 0) continue;
        const what = `sets ${ignored.join(', ')} in spec.${action}.remediation, which the strategy RetryOnFailure ignores`;
        const todo = "remove them, or set the strategy's name to RemediateOnFailure";
        yield findingAt(tree, cluster, release, ['spec', action, 'remediation'], what, todo);
      }
    }
  },
};

const defaultedFields = ['interval', 'timeout', 'serviceAccountName', 'driftDetection', 'install', 'upgrade'];

/** Scalars whose applied value differs from the written one; strings with variables are skipped. */
function* overridden(
  written: Json | undefined,
  applied: Json | undefined,
  path: string[],
): Generator<{ path: string[]; written: Json; applied: Json | undefined }> {
  if (isMap(written)) {
    for (const [key, value] of Object.entries(written)) yield* overridden(value, valueAt(applied, key), [...path, key]);
  } else if (written !== undefined && written !== null && !Array.isArray(written)) {
    if (written !== applied && !String(written).includes('${')) yield { path, written, applied };
  }
}

/** A release whose own fields the cluster's defaults override. */
export const releaseDefaultWins: Check = {
  id: 'release-default-wins',
  severity: 'error',
  set: 'platform',
  why: 'The defaults are a patch that Flux applies to the release: what its own file says has no effect.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, release] of eachObject(tree)) {
      if (!isHelmRelease(release.object)) continue;
      const spec = specOf(release.object);
      for (const field of defaultedFields) {
        const own = writtenAt(tree, release, ['spec', field]) as Json | undefined;
        for (const { path, written, applied } of overridden(own, spec[field], ['spec', field])) {
          const what = `sets ${path.join('.')}: ${show(written)}, but is applied with ${show(applied)}`;
          const todo = 'remove it, or exclude this release from the defaults with a label';
          yield findingAt(tree, cluster, release, path, what, todo);
        }
      }
    }
  },
};
