import type { Check } from '../check';
import { chartNotOci, chartSourceElsewhere, chartSourceMissing, layerSelectorMissing } from './chartSources';
import { chartUnpinned, chartVersionRange, gitSourceUnpinned } from './pins';
import { crossNamespaceReference, kustomizationSourceMissing } from './references';
import { renovateNamesOther, versionWithoutRenovate } from './renovate';

/** Where charts and manifests come from, and how firmly. */
export const sourceChecks: Check[] = [
  chartUnpinned,
  chartVersionRange,
  gitSourceUnpinned,
  chartSourceMissing,
  chartNotOci,
  chartSourceElsewhere,
  layerSelectorMissing,
  crossNamespaceReference,
  kustomizationSourceMissing,
  versionWithoutRenovate,
  renovateNamesOther,
];
