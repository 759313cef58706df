import { budgetBlocksDrain, workloadWithoutBudget } from './budgets';
import { cephMonitorsEven, cephNodeUnknown, cephReplicasAboveNodes } from './ceph';
import { chartNotOci, chartSourceElsewhere, chartSourceMissing, layerSelectorMissing } from './chartSources';
import { defaultStorageClassMissing, defaultStorageClassTwice, valueNotForTalos } from './chartValues';
import { chartOptionsContradict } from './chartOptions';
import type { Check } from './check';
import {
  ciliumMakesCa,
  ciliumTrustsElsewhere,
  gatewayCrdsAfterCilium,
  meshAndSpire,
  meshPeerUnknown,
  nativeRoutingTooNarrow,
} from './cilium';
import { crdBeforeOwner, crdOwnedTwice, crdPrunable, crdWithoutOwner, releaseCrdsPolicy } from './crds';
import {
  externalSecretKey,
  externalSecretStale,
  pushSecretReadsOnly,
  secretStoreElsewhere,
  secretStoreMissing,
  secretStoreRefuses,
  secretStoreWithoutTls,
} from './externalSecrets';
import {
  dependencyCycle,
  dependsOnNothing,
  kustomizationWithoutHealth,
  missingFields,
  timeoutShorterThanRelease,
  waitWithHealthChecks,
} from './kustomizations';
import {
  clusterWithoutStack,
  definition,
  kustomizationAppliesNothing,
  objectTwice,
  orphans,
  stackWithoutCluster,
} from './layout';
import {
  namespaceWithoutApi,
  namespaceWithoutDefaultDeny,
  namespaceWithoutDns,
  platformNamespaceWithoutPolicies,
} from './namespacePolicies';
import {
  namespaceMissing,
  namespacePrunable,
  namespaceTooLate,
  namespaceWithoutPodSecurity,
  serviceAccountMissing,
} from './namespaces';
import { generatedFileStale, storeAmbiguous } from './generated';
import { addressOutsidePools, addressTakenTwice, poolWithoutL2, poolsOverlap } from './loadBalancers';
import { dnsOwnerMissing, dnsOwnerTwice, globalServiceAlone, serviceAnnotationOld } from './network';
import { selectorFitsNoNode } from './nodeSelectors';
import {
  authenticationWithoutSpire,
  clusterwideDefaultDeny,
  defaultDenyForced,
  fqdnWithoutDnsRule,
  gatewayByLabel,
  policyApiPort,
} from './networkPolicies';
import {
  coreReleaseRenamed,
  fluxOwnedTwice,
  secretMadeTwice,
  seededConfigMapRendered,
  seededSecretRendered,
} from './ownership';
import { selectorFitsNoPod } from './podSelectors';
import { imageMarkerWithoutPolicy, imageUpdateBeyondStaging, imageUpdateUnreviewed } from './imageAutomation';
import { referenceMissing } from './references';
import { patchWithoutTarget } from './patchTargets';
import {
  releaseDefaultWins,
  releaseRemediationIgnored,
  releaseValuesMissing,
  releaseValuesNotObject,
  releaseWithoutRetries,
  releaseWithoutTimeout,
} from './releases';
import { sourcePathMissing } from './paths';
import { entryRendersLittle } from './rendering';
import { renovateNamesOther, versionWithoutRenovate } from './renovate';
import { plainSecretValue, secretInGit } from './secrets';
import { settingAmbiguous, settingNotEverywhere, settingUnused, shellVariableEaten } from './settings';
import { referenceNotGranted, routeBackendPort } from './routeBackends';
import { hostnameOnTwoGateways, routeHostname, routeListenerMissing, routeNotAllowed } from './routes';
import {
  chartUnpinned,
  chartVersionRange,
  crossNamespaceReference,
  gitSourceUnpinned,
  kustomizationSourceMissing,
} from './sources';
import { tenantChecks } from './tenants';
import { chartAheadOfCrds, versionsIncompatible, versionsUnsupported } from './versions';
import { tunnelHostnameUnrouted } from './tunnelHostnames';
import { tunnelRefused } from './tunnels';
import { dependsOnSuspended, suspendedUnderWait } from './suspended';
import { valueLosesText } from './textValues';
import { volumeWithoutBackup } from './volumes';
import { imageLatest, selectorMissesPods, workloadChecks } from './workloads';

/** Every rule, by subject. Removing one makes at least one fixture fail. */
export const checks: readonly Check[] = [
  // Flux Kustomizations and the layout of the tree
  ...missingFields,
  kustomizationWithoutHealth,
  waitWithHealthChecks,
  timeoutShorterThanRelease,
  dependsOnNothing,
  dependencyCycle,
  dependsOnSuspended,
  suspendedUnderWait,
  patchWithoutTarget,
  kustomizationAppliesNothing,
  entryRendersLittle,
  objectTwice,
  ...orphans,
  clusterWithoutStack,
  stackWithoutCluster,
  definition,
  generatedFileStale,
  storeAmbiguous,
  // CRDs and namespaces
  crdBeforeOwner,
  crdWithoutOwner,
  crdOwnedTwice,
  crdPrunable,
  releaseCrdsPolicy,
  namespaceMissing,
  namespaceTooLate,
  namespacePrunable,
  namespaceWithoutPodSecurity,
  serviceAccountMissing,
  // One owner per object: Flux, FluxInstance, a chart or the program
  fluxOwnedTwice,
  coreReleaseRenamed,
  secretMadeTwice,
  seededSecretRendered,
  seededConfigMapRendered,
  // Sources and versions
  chartUnpinned,
  chartVersionRange,
  gitSourceUnpinned,
  sourcePathMissing,
  chartSourceMissing,
  chartNotOci,
  chartSourceElsewhere,
  layerSelectorMissing,
  crossNamespaceReference,
  kustomizationSourceMissing,
  versionWithoutRenovate,
  renovateNamesOther,
  versionsIncompatible,
  versionsUnsupported,
  chartAheadOfCrds,
  // Settings and variables
  settingUnused,
  settingNotEverywhere,
  settingAmbiguous,
  shellVariableEaten,
  // HelmReleases and the values of particular charts
  releaseValuesNotObject,
  releaseValuesMissing,
  releaseWithoutTimeout,
  releaseWithoutRetries,
  releaseRemediationIgnored,
  releaseDefaultWins,
  valueLosesText,
  chartOptionsContradict,
  valueNotForTalos,
  cephNodeUnknown,
  cephMonitorsEven,
  cephReplicasAboveNodes,
  defaultStorageClassTwice,
  defaultStorageClassMissing,
  // Secrets
  secretInGit,
  plainSecretValue,
  externalSecretKey,
  externalSecretStale,
  secretStoreMissing,
  secretStoreRefuses,
  secretStoreWithoutTls,
  secretStoreElsewhere,
  pushSecretReadsOnly,
  // Workloads
  ...workloadChecks,
  imageLatest,
  workloadWithoutBudget,
  volumeWithoutBackup,
  budgetBlocksDrain,
  selectorMissesPods,
  selectorFitsNoPod,
  // References by name, besides those above
  referenceMissing,
  // Routes and their Gateways
  routeListenerMissing,
  routeNotAllowed,
  routeHostname,
  hostnameOnTwoGateways,
  routeBackendPort,
  referenceNotGranted,
  // Network policies
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
  // Networking within and between clusters
  ciliumMakesCa,
  ciliumTrustsElsewhere,
  meshAndSpire,
  meshPeerUnknown,
  nativeRoutingTooNarrow,
  gatewayCrdsAfterCilium,
  selectorFitsNoNode,
  poolWithoutL2,
  poolsOverlap,
  addressOutsidePools,
  addressTakenTwice,
  tunnelHostnameUnrouted,
  tunnelRefused,
  dnsOwnerTwice,
  dnsOwnerMissing,
  serviceAnnotationOld,
  globalServiceAlone,
  // Tenants and the images of their staging environments
  ...tenantChecks,
  imageMarkerWithoutPolicy,
  imageUpdateUnreviewed,
  imageUpdateBeyondStaging,
];
