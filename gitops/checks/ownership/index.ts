import type { Check } from '../check';
import { coreReleaseRenamed, namespacePrunable, seededSecretRendered } from './bootstrap';
import { ciliumMakesCa } from './ciliumCa';
import { crdOwnedTwice, crdPrunable } from './crds';
import { fluxOwnedTwice } from './fluxInstance';

/** Who owns what: Flux, FluxInstance, a chart or the program, and never two of them. */
export const ownershipChecks: Check[] = [
  fluxOwnedTwice,
  crdOwnedTwice,
  crdPrunable,
  namespacePrunable,
  seededSecretRendered,
  coreReleaseRenamed,
  ciliumMakesCa,
];
