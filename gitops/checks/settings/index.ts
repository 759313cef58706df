import type { Check } from '../check';
import { settingAmbiguous } from './ambiguous';
import { settingNotEverywhere, settingUnused } from './keys';
import { shellVariableEaten } from './shell';

/** Variables: what sets them, what uses them, and what becomes of them. */
export const settingsChecks: Check[] = [settingUnused, settingNotEverywhere, settingAmbiguous, shellVariableEaten];
