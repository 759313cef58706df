import type { KeyPlace } from './keyPath';
import type { Settings } from './settings';
import type { StackConfig } from './stackSchema';

/** What the checks of a cluster get. Sections and settings that did not parse are absent and not checked further. */
export interface CheckedCluster {
  stack: string;
  config: Partial<StackConfig>;
  /** Where a key of `config` is defined. */
  at: KeyPlace;
  settings: Settings;
}
