import { specOf, valueAt } from '../../kubernetesObject';
import { about, eachObject } from '../about';
import type { Check, RawFinding } from '../check';
import { isHelmRelease } from '../sources/charts';

const actions = ['install', 'upgrade'] as const;

/** A release that waits as long as Flux happens to. */
export const releaseWithoutTimeout: Check = {
  id: 'release-without-timeout',
  severity: 'error',
  set: 'platform',
  why: 'Five minutes, which is what Flux takes then, are too short for a first install that pulls its images.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, release] of eachObject(tree)) {
      const spec = specOf(release.object);
      if (!isHelmRelease(release.object) || spec['timeout'] !== undefined) continue;
      // An action may have its own.
      if (actions.every((action) => valueAt(spec, action, 'timeout') !== undefined)) continue;
      const todo = "set spec.timeout, or let the release's Kustomization include the cluster's defaults";
      yield about(tree, cluster, release, ['spec'], 'has no spec.timeout', todo);
    }
  },
};

/** A release that is not tried again when it failed. */
export const releaseWithoutRetries: Check = {
  id: 'release-without-retries',
  severity: 'error',
  set: 'platform',
  why: 'A release that failed once, for a slow registry perhaps, stays failed until somebody looks.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, release] of eachObject(tree)) {
      if (!isHelmRelease(release.object)) continue;
      const spec = specOf(release.object);
      for (const action of actions) {
        if (valueAt(spec, action, 'strategy', 'name') === 'RetryOnFailure') continue;
        const retries = valueAt(spec, action, 'remediation', 'retries');
        if (typeof retries === 'number' && retries !== 0) continue;
        const what = `does not try a failed ${action} again`;
        const todo = `set spec.${action}.strategy.name to RetryOnFailure, or spec.${action}.remediation.retries`;
        yield about(tree, cluster, release, ['spec', action, 'strategy', 'name'], what, todo);
      }
    }
  },
};

/** Remediation that the strategy does away with. */
export const releaseRemediationIgnored: Check = {
  id: 'release-remediation-ignored',
  severity: 'warning',
  set: 'general',
  why: 'Flux remediates nothing where the strategy is RetryOnFailure.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, release] of eachObject(tree)) {
      if (!isHelmRelease(release.object)) continue;
      const spec = specOf(release.object);
      for (const action of actions) {
        if (valueAt(spec, action, 'strategy', 'name') !== 'RetryOnFailure') continue;
        // Whether failed tests count is asked with every strategy.
        const without = ['retries', 'remediateLastFailure', 'strategy'].filter(
          (field) => valueAt(spec, action, 'remediation', field) !== undefined,
        );
        if (without.length === 0) continue;
        const what = `has ${without.join(', ')} in spec.${action}.remediation, without effect with strategy RetryOnFailure`;
        const todo = "remove them, or set the strategy's name to RemediateOnFailure";
        yield about(tree, cluster, release, ['spec', action, 'remediation'], what, todo);
      }
    }
  },
};
