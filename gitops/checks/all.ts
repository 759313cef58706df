import type { Check } from './check';
import { helmChecks } from './helm';
import { networkChecks } from './network';
import { ownershipChecks } from './ownership';
import { policyChecks } from './policies';
import { securityChecks } from './security';
import { settingsChecks } from './settings';
import { sourceChecks } from './sources';
import { structureChecks } from './structure';
import { workloadChecks } from './workloads';

/** Every rule, by subject. Taking one out makes at least one fixture fail. */
export const checks: readonly Check[] = [
  ...structureChecks,
  ...ownershipChecks,
  ...sourceChecks,
  ...settingsChecks,
  ...helmChecks,
  ...securityChecks,
  ...workloadChecks,
  ...policyChecks,
  ...networkChecks,
];
