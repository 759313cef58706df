import * as z from 'zod';
import { messageOf } from '../../clients/userError';
import { configurationChanges, describeChanges } from '../../cluster/rollout/configurationChanges';
import { sameConfiguration } from '../../cluster/rollout/configurationDocuments';
import type { Implementation, Operation } from '../engine/implementation';
import { configurations, configureMachine, type ConfigureRequest } from '../machines/configureMachine';
import { viewCluster } from '../machines/clusterView';
import { defaultPace, type Pace, previewPace } from '../machines/pace';
import { probeMachine } from '../machines/probeMachine';
import type { MachineConfigurationInputs } from './inputs';
import { machineChange, machineChangeKeys, nonEmpty } from './inputSchemas';

const schema: z.ZodType<MachineConfigurationInputs> = z.object({
  ...machineChange,
  configuration: nonEmpty,
  applyMode: z.enum(['auto', 'no_reboot', 'staged']),
});

/**
 * The configuration of a machine: changed only behind the gate of the machine before it, and only if the machine does not run
 * it yet. Deleting it touches no machine.
 */
export const machineConfiguration = machineConfigurationWith(defaultPace);

/** With another pace, for tests. */
export function machineConfigurationWith(
  pace: Pace,
): Implementation<MachineConfigurationInputs, MachineConfigurationInputs> {
  return {
    schema,
    connectionInputs: [...machineChangeKeys, 'applyMode'],
    updateTriggers: ['configuration'],
    secretProperties: ['configuration', 'clientConfiguration'],
    create: async (inputs, operation) => {
      await configureMachine(request(inputs, false), operation, pace);
      return { id: inputs.name, outputs: inputs };
    },
    inspect: (state, inputs, operation) => inspect(state, inputs, operation, pace),
    update: async (state, inputs, operation) => {
      // If only a setting of the roll changed, the machine gets no call if it is as it should be.
      const settled = state.configuration === inputs.configuration && !(await finding(inputs, pace)).differs;
      if (!settled) await configureMachine(request(inputs, true), operation, pace);
      return inputs;
    },
  };
}

function request(
  { name, node, endpoint, clientConfiguration, ...rest }: MachineConfigurationInputs,
  announced: boolean,
): ConfigureRequest {
  return { ...rest, target: { name, node, endpoint }, identity: clientConfiguration, announced };
}

/** Shows what an update will do; whether one is needed although no input changed. */
async function inspect(
  // The state may be that of the Talos provider's ConfigurationApply, which this type takes over.
  state: Partial<MachineConfigurationInputs>,
  inputs: MachineConfigurationInputs,
  { progress }: Operation,
  pace: Pace,
): Promise<boolean> {
  const { name, configuration } = inputs;
  const { differs, active, note } = await finding(inputs, pace);
  if (note !== undefined && (differs || state.configuration !== configuration)) progress.warn(`${name}: ${note}`);
  // What the machine runs says more than what the state remembers.
  const before = active ?? state.configuration ?? configuration;
  if (state.configuration !== undefined && !sameConfiguration(before, state.configuration) && differs) {
    progress.warn(`${name}: something else changed its configuration since the last run; it is put back`);
  }
  const changes = configurationChanges(before, configuration);
  for (const line of describeChanges(before, configuration, changes).slice(0, longestList)) progress.info(line);
  const effects = new Set(changes.map(({ effect }) => effect));
  if (effects.size > 0) progress.info(`${name}: ${effectOf(effects, inputs)}`);
  return differs;
}

const longestList = 40;

function effectOf(effects: ReadonlySet<string>, { applyMode, drain }: MachineConfigurationInputs): string {
  if (applyMode === 'staged') return 'the changes are staged: they have no effect until you reboot the machine';
  if (!effects.has('reboot')) return 'the changes are applied without a reboot';
  if (applyMode === 'no_reboot') return 'the changes need a reboot, which applyMode no_reboot refuses';
  return drain.enabled ? 'the machine is drained and reboots' : 'the machine reboots without a drain';
}

interface Finding {
  /** Whether the machine is not as its configuration demands. */
  differs: boolean;
  /** What it runs with. */
  active?: string;
  /** Anything unusual. */
  note?: string;
}

async function finding(inputs: MachineConfigurationInputs, pace: Pace): Promise<Finding> {
  const { clientConfiguration: identity, configuration, applyMode, role } = inputs;
  const short = previewPace(pace);
  const found = await probeMachine(inputs, identity, short);
  if (found.state === 'maintenance') {
    return { differs: true, note: 'the machine is in maintenance mode: it is installed with its configuration' };
  }
  if (found.state !== 'member') {
    return { differs: false, note: `what the machine runs is not known, because it does not answer: ${found.why}` };
  }
  try {
    const { active = '', persistent = '' } = await configurations({ target: inputs, identity }, short);
    const wanted = applyMode === 'staged' ? [persistent] : [active, persistent];
    if (!wanted.every((text) => sameConfiguration(text, configuration))) {
      return { differs: true, active };
    }
    const [own] = role === 'controlplane' ? (await viewCluster([inputs], identity, short)).controlPlanes : [];
    const learns = own?.status?.isLearner === true;
    return { differs: learns, active, ...(learns && { note: 'its etcd member is still a learner' }) };
  } catch (error) {
    return { differs: false, note: `what the machine runs could not be read: ${messageOf(error)}` };
  }
}
