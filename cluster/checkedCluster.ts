import type { ListedSystems } from '../gitops/listedSystems';
import type { KeyPlace } from './keyPath';
import type { CheckedMachine } from './machine/machines';
import type { Settings, SettingsSource } from './settings';
import type { StackConfig } from './stackSchema';

/** What the checks of a cluster get. Sections and settings that did not parse are absent and not checked further. */
export interface CheckedCluster {
  stack: string;
  config: Partial<StackConfig>;
  /** Where a key of `config` is defined. */
  at: KeyPlace;
  /** Every machine with what all levels say about it; absent if a level is invalid. */
  machines?: readonly CheckedMachine[];
  settings: Settings;
  /** The settings as read, valid or not. */
  settingsSource: SettingsSource;
  /** The keys that the stack file has, valid or not. */
  keys: ReadonlySet<string>;
  /** What the cluster lists; absent if its entry point cannot be read. */
  systems?: ListedSystems;
}
