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
 * There is no delete: deleting any of these only forgets it.
 */
export interface Implementation<Inputs, Outputs extends object> {
  /** Shape of the inputs; checked with unknown values left out. */
  schema: z.ZodType<Inputs>;
  /** Inputs whose change is recorded by an update. No other input ever counts as a change. */
  connection: readonly (keyof Inputs & string)[];
  /** Inputs and outputs that are secret. */
  secrets: readonly string[];
  create(inputs: Inputs, operation: Operation): Promise<{ id: string; outputs: Outputs }>;
  /** Whether the thing is still there; throws if nobody can tell. Left out: what is recorded is taken as it is. */
  exists?(state: Outputs, operation: Operation): Promise<boolean>;
}

/** An implementation of inputs and outputs that the registry does not look into. */
export interface AnyImplementation {
  schema: z.ZodType;
  connection: readonly string[];
  secrets: readonly string[];
  create(inputs: unknown, operation: Operation): Promise<{ id: string; outputs: object }>;
  exists?(state: unknown, operation: Operation): Promise<boolean>;
}

/** Erases the types of an implementation; its schema guards the inputs at run time. */
export function implement<Inputs, Outputs extends object>(it: Implementation<Inputs, Outputs>): AnyImplementation {
  return {
    schema: it.schema,
    connection: it.connection,
    secrets: it.secrets,
    create: (inputs, operation) => it.create(inputs as Inputs, operation),
    ...(it.exists && {
      exists: async (state: unknown, operation: Operation) => it.exists?.(state as Outputs, operation) ?? true,
    }),
  };
}
