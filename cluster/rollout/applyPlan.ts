/** How a stack wants changes applied. `auto` reboots where Talos must; `no_reboot` refuses those; `staged` waits for a reboot. */
export type ApplySetting = 'auto' | 'no_reboot' | 'staged';

/** What a machine is about to go through. */
export type ApplyPlan =
  | { mode: 'no_reboot' | 'staged'; reboots: false }
  | { mode: 'auto'; reboots: true }
  | { refused: string };

/** The mode of a change, from the stack's setting and from whether the machine says that it would reboot. */
export function applyPlan(setting: ApplySetting, needsReboot: boolean): ApplyPlan {
  if (setting === 'staged') return { mode: 'staged', reboots: false };
  if (!needsReboot) return { mode: 'no_reboot', reboots: false };
  if (setting === 'auto') return { mode: 'auto', reboots: true };
  return { refused: 'the change needs a reboot, and applyMode is no_reboot; set applyMode to auto or staged' };
}
