import type { Check } from '../check';
import { gatewayCrdsAfterCilium, meshAndSpire, nativeRoutingTooNarrow } from './cilium';
import { dnsOwnerMissing, dnsOwnerTwice } from './externalDns';
import { poolWithoutL2, poolsOverlap } from './pools';
import { globalServiceAlone, serviceAnnotationOld } from './services';

/** Addresses, routes and names, within a cluster and between clusters. */
export const networkChecks: Check[] = [
  poolWithoutL2,
  poolsOverlap,
  meshAndSpire,
  nativeRoutingTooNarrow,
  gatewayCrdsAfterCilium,
  dnsOwnerTwice,
  dnsOwnerMissing,
  serviceAnnotationOld,
  globalServiceAlone,
];
