import * as z from 'zod';
import { systemChange, systemDiffers } from '../../cluster/rollout/talosUpgrade';
import type { Implementation, Operation } from '../engine/implementation';
import { changeSystem, type SystemChange } from '../machines/changeSystem';
import { defaultPace, previewPace } from '../machines/pace';
import { readSystem } from '../machines/readSystem';
import type { MachineSystemInputs } from './inputs';
import { machineChange, machineChangeKeys, machineTarget, nonEmpty, versionTag } from './inputSchemas';

/** State of the system: the inputs. */
export type MachineSystemState = MachineSystemInputs;

const schema: z.ZodType<MachineSystemInputs> = z.object({
  ...machineChange,
  image: nonEmpty,
  version: versionTag,
  schematic: nonEmpty.optional(),
  architecture: nonEmpty.optional(),
  machines: z.array(z.object(machineTarget)).min(1),
});

/**
 * The system of a machine: the version of Talos and the schematic of its image. A machine gets it with its installation;
 * later changes are upgrades, each with a reboot. Deleting it only removes it from the state.
 */
export const machineSystem: Implementation<MachineSystemInputs, MachineSystemState> = {
  schema,
  connectionInputs: [...machineChangeKeys, 'architecture', 'machines'],
  updateTriggers: ['image', 'version', 'schematic'],
  secretProperties: ['clientConfiguration'],
  create: async (inputs, operation) => {
    await changeSystem(changeOf(inputs), operation);
    return { id: inputs.name, outputs: inputs };
  },
  inspect: (_state, inputs, operation) => inspectSystem(inputs, operation),
  update: async (_state, inputs, operation) => {
    await changeSystem(changeOf(inputs), operation);
    return inputs;
  },
};

/** What the inputs ask for. */
export function changeOf(inputs: MachineSystemInputs): SystemChange {
  const {
    name,
    node,
    endpoint,
    clientConfiguration: identity,
    image,
    version,
    schematic,
    architecture,
    ...rest
  } = inputs;
  return { ...rest, target: { name, node, endpoint }, identity, wanted: { image, version, schematic, architecture } };
}

/** Whether a machine that answers runs another system, and says what will happen. */
export async function inspectSystem(
  inputs: MachineSystemInputs,
  { progress }: Operation,
  pace = defaultPace,
): Promise<boolean> {
  const { target, identity, wanted } = changeOf(inputs);
  const running = await readSystem(target, identity, previewPace(pace)).catch(() => undefined);
  if (running === undefined || !systemDiffers(running, wanted)) return false;
  progress.info(`${target.name}: ${systemChange(running, wanted)}, reboots`);
  return true;
}
