import type { z } from 'zod';
import type { Progress } from './progress';

/** What an implementation is given besides its inputs. */
export interface Operation {
  progress: Progress;
  /** Fires when the engine cancels, dies, or the provider is told to stop. */
  signal: AbortSignal;
}

/**
 * One resource type. `create` must be safe to repeat: a killed `up` runs it again without knowing how far it came.
 * Without `delete`, deleting it only forgets it.
 */
export interface Implementation<Inputs, Outputs extends object> {
  /** Shape of the inputs; checked with unknown values left out. */
  schema: z.ZodType<Inputs>;
  /** Inputs whose change is recorded by an update. */
  connection: readonly (keyof Inputs & string)[];
  /** Inputs whose change reaches the thing itself, by `update`. No other input ever counts as a change. */
  updateTriggers?: readonly (keyof Inputs & string)[];
  /** Inputs and outputs that are secret. */
  secrets: readonly string[];
  create(inputs: Inputs, operation: Operation): Promise<{ id: string; outputs: Outputs }>;
  /** Whether the thing is still there; throws if nobody can tell. Left out: what is recorded is taken as it is. */
  exists?(state: Outputs, operation: Operation): Promise<boolean>;
  /** What is to be recorded of the thing as it is now; `stale: true` in it asks the next run for an update. */
  read?(state: Outputs, operation: Operation): Promise<Outputs>;
  /** Brings the thing to what the inputs say; needed where `updateTriggers` or `stale` is used. */
  update?(state: Outputs, inputs: Inputs, operation: Operation): Promise<Outputs>;
  delete?(state: Outputs, operation: Operation): Promise<void>;
}

/** An implementation of inputs and outputs that the registry does not look into. */
export interface AnyImplementation {
  schema: z.ZodType;
  connection: readonly string[];
  updateTriggers: readonly string[];
  secrets: readonly string[];
  create(inputs: unknown, operation: Operation): Promise<{ id: string; outputs: object }>;
  exists(state: unknown, operation: Operation): Promise<boolean>;
  read?(state: unknown, operation: Operation): Promise<object>;
  update(state: unknown, inputs: unknown, operation: Operation): Promise<object>;
  delete(state: unknown, operation: Operation): Promise<void>;
}

/** Erases the types of an implementation; its schema guards the inputs at run time. */
export function implement<Inputs, Outputs extends object>(it: Implementation<Inputs, Outputs>): AnyImplementation {
  return {
    schema: it.schema,
    connection: it.connection,
    updateTriggers: it.updateTriggers ?? [],
    secrets: it.secrets,
    create: (inputs, operation) => it.create(inputs as Inputs, operation),
    exists: async (state, operation) => it.exists?.(state as Outputs, operation) ?? true,
    ...(it.read !== undefined && {
      read: async (state: unknown, operation: Operation) =>
        it.read?.(state as Outputs, operation) ?? (state as Outputs),
    }),
    update: async (state, inputs, operation) => {
      if (!it.update) throw new Error('a resource type with updateTriggers inputs must have an update');
      return it.update(state as Outputs, inputs as Inputs, operation);
    },
    delete: async (state, operation) => it.delete?.(state as Outputs, operation),
  };
}
