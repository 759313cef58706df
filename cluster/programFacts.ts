import {
  bootstrapNamespaces,
  ciliumCaBundle,
  ciliumCaSecret,
  connectTokenNamespace,
  coreReleases,
  fluxNamespace,
} from './bootstrapOrder';
import { settingKey, settingKeys } from './settings';

/** What the program does before Flux is there, for checks that hold Git against it. */
export const programFacts = {
  settings: settingKeys,
  namespaces: bootstrapNamespaces,
  secrets: [{ namespace: connectTokenNamespace, setting: settingKey('connectTokenSecret') }, ciliumCaSecret],
  configMaps: [ciliumCaBundle],
  releases: coreReleases,
  fluxNamespace,
} as const;
