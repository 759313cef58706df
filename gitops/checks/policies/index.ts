import type { Check } from '../check';
import { policyApiPort } from './apiPort';
import { authenticationWithoutSpire } from './authentication';
import { clusterwideDefaultDeny, defaultDenyForced } from './clusterwide';
import { fqdnWithoutDnsRule } from './fqdn';
import { gatewayByLabel } from './gateway';
import {
  namespaceWithoutApi,
  namespaceWithoutDefaultDeny,
  namespaceWithoutDns,
  platformNamespaceWithoutPolicies,
} from './isolation';

/** Who may talk to whom: that it is said, and that Cilium understands it so. */
export const policyChecks: Check[] = [
  namespaceWithoutDefaultDeny,
  namespaceWithoutDns,
  namespaceWithoutApi,
  platformNamespaceWithoutPolicies,
  policyApiPort,
  fqdnWithoutDnsRule,
  gatewayByLabel,
  clusterwideDefaultDeny,
  defaultDenyForced,
  authenticationWithoutSpire,
];
