import type { Check } from '../check';
import { coreReleaseRenamed, namespacePrunable } from './bootstrap';
import { ciliumMakesCa, ciliumTrustsElsewhere } from './ciliumCa';
import { crdOwnedTwice, crdPrunable } from './crds';
import { fluxOwnedTwice } from './fluxInstance';
import { secretMadeTwice } from './secretMakers';
import { seededConfigMapRendered, seededSecretRendered } from './seeded';

/** Who owns what: Flux, FluxInstance, a chart or the program, and never two of them. */
export const ownershipChecks: Check[] = [
  fluxOwnedTwice,
  crdOwnedTwice,
  crdPrunable,
  namespacePrunable,
  seededSecretRendered,
  seededConfigMapRendered,
  secretMadeTwice,
  coreReleaseRenamed,
  ciliumMakesCa,
  ciliumTrustsElsewhere,
];
