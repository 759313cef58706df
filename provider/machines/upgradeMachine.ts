import { TalosClient } from '../../clients/talos/client';
import { TalosError } from '../../clients/talos/errors';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import { pollUntil } from '../../clients/process/pollUntil';
import { messageOf, UserError } from '../../clients/userError';
import { describeSystem, systemDiffers, type WantedSystem } from '../../cluster/rollout/talosUpgrade';
import type { Operation } from '../engine/implementation';
import type { Pace } from './pace';
import { readSystem, type SystemState } from './readSystem';
import { describeTarget, type MachineTarget } from './target';

/** An upgrade of one machine. */
export interface MachineUpgrade {
  target: MachineTarget;
  identity: TalosClientConfiguration;
  wanted: WantedSystem;
  /** From the call until the machine runs again. */
  timeoutSeconds: number;
}

/** The machine was not upgraded, and runs its old system as before. */
export class NotUpgraded extends UserError {}

/**
 * Waits until a machine answers and runs, as after a reboot or an upgrade that an earlier run started; a second upgrade
 * would be refused meanwhile.
 *
 * @throws UserError on timeout
 */
export function waitUntilRunning(
  { target, identity, timeoutSeconds }: Omit<MachineUpgrade, 'wanted'>,
  { progress, signal }: Operation,
  pace: Pace,
): Promise<SystemState> {
  const where = describeTarget(target);
  let last = 'does not answer';
  return pollUntil(
    async () => {
      try {
        const state = await readSystem(target, identity, pace);
        if (state.stage === 'running') return state;
        last = `is ${state.stage}`;
      } catch (error) {
        last = `does not answer: ${messageOf(error)}`;
      }
      progress.status(`${where} ${last}`);
      return undefined;
    },
    {
      timeoutSeconds,
      intervalMilliseconds: pace.intervalMilliseconds,
      signal,
      timedOut: (waited) =>
        `${where} does not run after ${waited} s: it ${last}. Look at its console, and start it if it is off; if it is gone for ` +
        'good, mark its node with `leaving: true`. Then run `pulumi up` again. No other machine was changed.',
    },
  );
}

/**
 * Upgrades a machine and waits until it runs the wanted system, as a boot after the call, the stage, the version and the
 * schematic say. Talos acknowledges the call before it starts: what fails later shows in its events only.
 *
 * @param before what it runs now
 * @throws NotUpgraded if Talos refuses or fails, or the machine comes back with its old system; UserError on timeout
 */
export async function upgradeMachine(
  upgrade: MachineUpgrade,
  before: SystemState,
  operation: Operation,
  pace: Pace,
): Promise<SystemState> {
  const { target, identity, wanted, timeoutSeconds } = upgrade;
  const { progress, signal } = operation;
  const where = describeTarget(target);
  const events = new UpgradeEvents();
  const client = TalosClient.secure(target, identity, pace.port);
  try {
    const actorId = await client.upgrade({ image: wanted.image }, pullSeconds).catch((error: unknown) => {
      throw new UserError(
        `${where} refuses the upgrade to ${wanted.image}: ${messageOf(error)}. It still runs ${describeSystem(before)}.`,
      );
    });
    progress.info(`${target.name} is being upgraded to ${describeSystem(wanted)}`);
    // The stream ends when the machine goes down.
    void client.events({ tail: -1, actorId }, timeoutSeconds, (event) => events.add(event)).catch(() => undefined);
    let last = 'has not rebooted yet';
    return await pollUntil(
      async () => {
        const state = await readSystem(target, identity, pace).catch((error: unknown) => {
          if (!(error instanceof TalosError)) throw error;
          last = `does not answer (${error.message})`;
          return undefined;
        });
        if (state !== undefined) {
          const rebooted = state.bootId !== before.bootId;
          if (rebooted && state.stage === 'running') {
            if (systemDiffers(state, wanted)) throw new NotUpgraded(fellBack(upgrade, state, events.last));
            if (state.unmet === '') return state;
          } else if (!rebooted && events.failure !== undefined) {
            throw new NotUpgraded(
              `${where} did not carry out the upgrade to ${wanted.image}: ${events.failure}. ${remedy(target)}`,
            );
          }
          last = rebooted
            ? `is ${state.stage}${state.unmet === '' ? '' : ` (${state.unmet})`}`
            : 'has not rebooted yet';
        }
        progress.status(`${where} ${last}${events.last === '' ? '' : `; last event: ${events.last}`}`);
        return undefined;
      },
      {
        timeoutSeconds,
        intervalMilliseconds: pace.intervalMilliseconds,
        signal,
        timedOut: (waited) =>
          `${where} does not run ${describeSystem(wanted)} ${waited} s after the upgrade was started: it ${last}; last event: ` +
          `${events.last || 'none'}. ${remedy(target)}`,
      },
    );
  } finally {
    client.close();
  }
}

const pullSeconds = 600;

/**
 * Lets the machine pull the installer, so that an image that is not available is found before the node is drained.
 *
 * @throws UserError with Talos' reason
 */
export async function pullInstaller(
  { target, identity, wanted }: MachineUpgrade,
  { progress }: Operation,
  pace: Pace,
): Promise<void> {
  const where = describeTarget(target);
  progress.status(`${where}: pulling ${wanted.image}`);
  const client = TalosClient.secure(target, identity, pace.port);
  try {
    await client.pullImage('system', wanted.image, pullSeconds);
  } catch (error) {
    throw new UserError(`${where} cannot pull ${wanted.image}, and nothing was changed: ${messageOf(error)}`);
  } finally {
    client.close();
  }
}

function fellBack({ target, wanted }: MachineUpgrade, state: SystemState, lastEvent: string): string {
  return (
    `${describeTarget(target)} came back with ${describeSystem(state)} instead of ${describeSystem(wanted)}: the new system did not ` +
    `boot, and Talos started the old one again (last event before: ${lastEvent || 'none'}). ${remedy(target)}`
  );
}

function remedy({ node }: MachineTarget): string {
  return (
    `No other machine was changed. Look at its console, or \`talosctl dmesg --nodes ${node}\`; then run \`pulumi up\` to try again, ` +
    'or set TALOS_VERSION and the schematic to what it runs.'
  );
}

type MachineEvent = Parameters<Parameters<TalosClient['events']>[2]>[0];

/** What the events of an upgrade said. */
class UpgradeEvents {
  /** The last one, in words; empty if there was none. */
  last = '';
  /** Why the sequence did not start or ended early. */
  failure: string | undefined;

  add(event: MachineEvent): void {
    this.last = `${event.kind} ${event.name} ${event.action.toLowerCase()}`;
    if (event.kind !== 'sequence' || event.error === undefined) return;
    this.last += `: ${event.error}`;
    this.failure = event.error;
  }
}
