import type { Check } from '../check';
import { cephNodeUnknown } from './cephNodes';
import { releaseCrdsPolicy } from './crds';
import { releaseRemediationIgnored, releaseWithoutRetries, releaseWithoutTimeout } from './failures';
import { valueNotForTalos } from './forTalos';
import { releaseDefaultWins } from './overridden';
import { defaultStorageClassMissing, defaultStorageClassTwice } from './storageClasses';
import { releaseValuesNotObject } from './values';
import { releaseValuesMissing } from './valuesFrom';

/** What HelmReleases say, and what charts make of their values as far as Git shows it. */
export const helmChecks: Check[] = [
  releaseValuesNotObject,
  releaseValuesMissing,
  releaseWithoutTimeout,
  releaseWithoutRetries,
  releaseRemediationIgnored,
  releaseDefaultWins,
  releaseCrdsPolicy,
  valueNotForTalos,
  cephNodeUnknown,
  defaultStorageClassTwice,
  defaultStorageClassMissing,
];
