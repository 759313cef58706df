import type { MessageTypeDefinition } from '@grpc/proto-loader';
import { machineProto } from './calls';

/** An event of a sequence of tasks that the machine runs, such as `upgrade`, `reset` or `reboot`. */
export type MachineEvent =
  | { kind: 'sequence'; name: string; action: 'START' | 'STOP' | 'NOOP'; error?: string; actorId: string }
  | { kind: 'phase' | 'task'; name: string; action: 'START' | 'STOP'; actorId: string };

interface EventMessage {
  actorId: string;
  data?: { type_url: string; value: Buffer } | null;
}

/** The event in a message of the Events stream; undefined for a kind that we do not read. */
export function decodeEvent({ actorId, data }: EventMessage): MachineEvent | undefined {
  const type = (data?.type_url ?? '').split('/').at(-1) ?? '';
  const kind = kinds[type];
  if (kind === undefined || !data) return undefined;
  const definition = machineProto()[type] as MessageTypeDefinition<object, object>;
  const { action, error, ...names } = definition.deserialize(data.value) as Decoded;
  const name = names.sequence ?? names.phase ?? names.task ?? '';
  if (kind !== 'sequence') return { kind, name, action: action === 'STOP' ? 'STOP' : 'START', actorId };
  return { kind, name, action, ...(error?.message && { error: error.message }), actorId };
}

interface Decoded {
  action: 'START' | 'STOP' | 'NOOP';
  error?: { message: string } | null;
  sequence?: string;
  phase?: string;
  task?: string;
}

const kinds: Record<string, MachineEvent['kind'] | undefined> = {
  'machine.SequenceEvent': 'sequence',
  'machine.PhaseEvent': 'phase',
  'machine.TaskEvent': 'task',
};
