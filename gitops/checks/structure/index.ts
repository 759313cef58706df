import type { Check } from '../check';
import { crdBeforeOwner, crdWithoutOwner } from './crdOrder';
import { dependencyCycle, dependsOnNothing } from './dependsOn';
import {
  kustomizationWithoutHealth,
  missingFields,
  timeoutShorterThanRelease,
  waitWithHealthChecks,
} from './lifecycle';
import { namespaceMissing, namespaceTooLate } from './namespaces';
import { kustomizationAppliesNothing } from './nothing';
import { objectTwice } from './objectTwice';
import { orphans } from './orphans';
import { serviceAccountMissing } from './serviceAccounts';
import { clusterWithoutStack, stackWithoutCluster } from './stacks';

/** How the tree hangs together: order, owners, health, and what nobody reads. */
export const structureChecks: Check[] = [
  ...missingFields,
  kustomizationWithoutHealth,
  waitWithHealthChecks,
  timeoutShorterThanRelease,
  dependsOnNothing,
  dependencyCycle,
  crdBeforeOwner,
  crdWithoutOwner,
  namespaceMissing,
  namespaceTooLate,
  serviceAccountMissing,
  objectTwice,
  kustomizationAppliesNothing,
  ...orphans,
  clusterWithoutStack,
  stackWithoutCluster,
];
