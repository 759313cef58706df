import type { Settings, SettingsSource } from './settings';
import type { StackConfig } from './stackSchema';

/** What the checks of one cluster look at; a part that did not parse is missing and not checked further. */
export interface CheckedCluster {
  stack: string;
  configFile: string;
  config: Partial<StackConfig>;
  source: SettingsSource;
  settings: Partial<Settings>;
}
