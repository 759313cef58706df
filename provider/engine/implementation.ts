import type * as z from 'zod';
import type { Progress } from './progress';

/** What an implementation gets in addition to its inputs. */
export interface Operation {
  progress: Progress;
  /** The id of the resource; undefined until it is created. */
  id?: string;
  /** Aborted when the engine cancels or dies, or when the provider receives a signal to stop. */
  signal: AbortSignal;
}

/**
 * A resource type. `create` must be idempotent: after a killed `up` it runs again, not knowing how far the first run
 * got. Without `delete`, deleting a resource only removes it from the state.
 */
export interface Implementation<Inputs, Outputs extends object> {
  /** Schema of the inputs; issues about values that are not known yet are ignored. */
  schema: z.ZodType<Inputs>;
  /** Inputs of which a change is only recorded in the state: how to reach the resource, not what it is. */
  connectionInputs: readonly (keyof Inputs & string)[];
  /** Inputs of which a change calls `update`. A change of any other input is ignored. */
  updateTriggers?: readonly (keyof Inputs & string)[];
  /** Names of secret inputs and outputs. */
  secretProperties: readonly string[];
  /**
   * Why the program must not have these inputs after those of the last successful run; empty if it may. Stops a preview too, and
   * is called only if all inputs are known. `before` is undefined for a resource that is created.
   */
  refuse?(before: Inputs | undefined, after: Inputs): readonly string[];
  create(inputs: Inputs, operation: Operation): Promise<{ id: string; outputs: Outputs }>;
  /**
   * Whether the resource still exists; throws if that cannot be determined. Without it, a refresh assumes that it does.
   */
  exists?(state: Outputs, operation: Operation): Promise<boolean>;
  /** The current state of the resource, for a refresh. `stale: true` in it makes the next run call `update`. */
  read?(state: Outputs, operation: Operation): Promise<Outputs>;
  /**
   * Looks at the resource itself during a diff, that is in every preview: whether it needs an update although no input changed,
   * and says in the progress what the update will do. Must be quick, and must not throw: what does not answer is no reason to
   * fail a preview. Called only if all inputs are known. With it, every update calls `update`, which decides again.
   */
  inspect?(state: Outputs, inputs: Inputs, operation: Operation): Promise<boolean>;
  /** Applies the inputs to the resource; required if `updateTriggers`, `stale` or `inspect` is used. */
  update?(state: Outputs, inputs: Inputs, operation: Operation): Promise<Outputs>;
  delete?(state: Outputs, operation: Operation): Promise<void>;
}

/** An implementation whose input and output types are erased, for the registry. */
export interface AnyImplementation {
  schema: z.ZodType;
  connectionInputs: readonly string[];
  updateTriggers: readonly string[];
  secretProperties: readonly string[];
  refuse(before: unknown, after: unknown): readonly string[];
  create(inputs: unknown, operation: Operation): Promise<{ id: string; outputs: object }>;
  exists(state: unknown, operation: Operation): Promise<boolean>;
  read?(state: unknown, operation: Operation): Promise<object>;
  inspect?(state: unknown, inputs: unknown, operation: Operation): Promise<boolean>;
  update(state: unknown, inputs: unknown, operation: Operation): Promise<object>;
  delete(state: unknown, operation: Operation): Promise<void>;
}

/** Erases the types of an implementation; its schema checks the inputs at run time. */
export function implement<Inputs, Outputs extends object>(
  implementation: Implementation<Inputs, Outputs>,
): AnyImplementation {
  const { schema, connectionInputs, updateTriggers = [], secretProperties } = implementation;
  return {
    schema,
    connectionInputs,
    updateTriggers,
    secretProperties,
    refuse: (before, after) => implementation.refuse?.(before as Inputs | undefined, after as Inputs) ?? [],
    create: (inputs, operation) => implementation.create(inputs as Inputs, operation),
    exists: async (state, operation) => implementation.exists?.(state as Outputs, operation) ?? true,
    ...(implementation.read !== undefined && {
      read: async (state: unknown, operation: Operation) =>
        implementation.read?.(state as Outputs, operation) ?? (state as Outputs),
    }),
    ...(implementation.inspect !== undefined && {
      inspect: async (state: unknown, inputs: unknown, operation: Operation) =>
        implementation.inspect?.(state as Outputs, inputs as Inputs, operation) ?? false,
    }),
    update: async (state, inputs, operation) => {
      if (!implementation.update)
        throw new Error('a resource type with updateTriggers or inspect must implement update');
      return implementation.update(state as Outputs, inputs as Inputs, operation);
    },
    delete: async (state, operation) => implementation.delete?.(state as Outputs, operation),
  };
}
