import {
  bootstrapNamespaces,
  ciliumCaBundle,
  ciliumCaSecret,
  connectTokenNamespace,
  coreReleases,
  fluxNamespace,
} from './bootstrapOrder';
import { optionalKeys, settingKeys } from './settings';
import { nodeLabels } from './talos/nodeLabels';

/** What the program reads and creates before Flux runs. `npm run validate` checks Git against it. */
export const programFacts = {
  settings: [...Object.values(settingKeys), ...Object.values(optionalKeys)],
  namespaces: bootstrapNamespaces,
  secrets: [{ namespace: connectTokenNamespace, setting: settingKeys.connectTokenSecret }, ciliumCaSecret],
  configMaps: [ciliumCaBundle],
  releases: coreReleases,
  fluxNamespace,
  nodeLabels,
} as const;
