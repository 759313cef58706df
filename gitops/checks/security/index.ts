import type { Check } from '../check';
import { externalSecretKey, secretStoreMissing, secretStoreWithoutTls } from './externalSecrets';
import { plainSecretValue } from './plainValues';
import { namespaceWithoutPodSecurity } from './podSecurity';
import { secretInGit } from './secrets';

/** Secrets stay in the vault, and namespaces say what their pods may do. */
export const securityChecks: Check[] = [
  secretInGit,
  plainSecretValue,
  externalSecretKey,
  secretStoreMissing,
  secretStoreWithoutTls,
  namespaceWithoutPodSecurity,
];
