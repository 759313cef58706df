import type { Check } from '../check';
import { externalSecretKey, externalSecretStale } from './externalSecrets';
import { plainSecretValue } from './plainValues';
import { namespaceWithoutPodSecurity } from './podSecurity';
import { pushSecretReadsOnly, secretStoreElsewhere, secretStoreMissing, secretStoreWithoutTls } from './secretStores';
import { secretInGit } from './secrets';

/** Secrets stay in the vault, and namespaces say what their pods may do. */
export const securityChecks: Check[] = [
  secretInGit,
  plainSecretValue,
  externalSecretKey,
  externalSecretStale,
  secretStoreMissing,
  secretStoreWithoutTls,
  secretStoreElsewhere,
  pushSecretReadsOnly,
  namespaceWithoutPodSecurity,
];
