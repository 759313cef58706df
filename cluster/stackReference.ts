import { stringify } from 'yaml';
import * as z from 'zod';
import { machineSchema } from './machine/machineSchema';
import { unwrapped } from './machine/partial';
import { stackSchema } from './stackSchema';

/** A key of a stack file, for documentation. */
export interface StackKey {
  /** Such as `network.interfaces.<name>.mtu`, below the level that it belongs to. */
  path: string;
  /** Where it stands: once in the stack, in each entry of `nodes`, or at any of the levels of machines. */
  level: 'stack' | 'nodes' | 'machines';
  /** What a message expects of it, such as `an integer from 1 to 4094`. */
  type: string;
  required: boolean;
  /** As YAML on one line; absent if there is none. */
  default?: string;
  /** The field of Talos that it becomes; absent if it becomes none. */
  talos?: string;
  description: string;
  /** The key with the same keys below it, if they are not listed again. */
  sameAs?: string;
}

/** The keys of a stack that describe machines. */
const machineLevels = ['nodes', 'machines', 'controlPlane', 'worker'];

/** Every key of an object of its own, such as the answers of `npm run init`, in the order of its schema. */
export function schemaKeys(schema: z.ZodObject): Omit<StackKey, 'level'>[] {
  const listed = new Map<unknown, string>();
  const keys = Object.entries(schema.shape).flatMap(([key, value]) =>
    keysFrom(key, value as z.ZodType, 'stack', listed),
  );
  return keys.map(({ level: _, ...key }) => key);
}

/** Every key of a stack file in the order of the schema, apart from the secrets. */
export function stackKeys(): StackKey[] {
  const node = unwrapped(stackSchema.shape.nodes) as z.ZodArray<z.ZodObject>;
  const own = Object.entries(node.element.shape).filter(([key]) => !Object.hasOwn(machineSchema.shape, key));
  const listed = new Map<unknown, string>();
  return [
    ...Object.entries(stackSchema.shape).flatMap(([key, schema]) =>
      keysFrom(key, schema, 'stack', machineLevels.includes(key) ? undefined : listed),
    ),
    ...own.flatMap(([key, schema]) => keysFrom(key, schema as z.ZodType, 'nodes', listed)),
    ...Object.entries(machineSchema.shape).flatMap(([key, schema]) => keysFrom(key, schema, 'machines', listed)),
  ];
}

/**
 * A key and the keys below it.
 * @param parent the field of Talos that the object with the key becomes
 * @param listed the paths of the objects whose keys are listed already; undefined to list none
 */
function keysFrom(
  path: string,
  schema: z.ZodType,
  level: StackKey['level'],
  listed?: Map<unknown, string>,
  parent?: string,
): StackKey[] {
  const { description = '', talos: own } = schema.meta() ?? {};
  const talos =
    typeof own === 'string' ? own : parent === undefined ? undefined : `${parent}.${path.split('.').at(-1)}`;
  const inner = unwrapped(schema);
  const elements = inner instanceof z.ZodArray ? inner.element : inner instanceof z.ZodRecord ? inner.valueType : inner;
  const element = unwrapped(elements as z.ZodType);
  const below =
    inner instanceof z.ZodArray ? `${path}[]` : inner instanceof z.ZodRecord ? `${path}.<${nameOf(inner)}>` : path;
  const isObject = element instanceof z.ZodObject && Object.keys(element.shape).length > 0;
  const sameAs = isObject ? listed?.get(element.def.shape) : undefined;
  const fallback = defaultOf(schema);
  const key: StackKey = {
    path,
    level,
    type: typeOf(inner),
    required: unwrapped(schema) === schema,
    ...(fallback !== undefined && { default: fallback }),
    ...(talos !== undefined && { talos }),
    description,
    ...(sameAs !== undefined && { sameAs }),
  };
  if (!isObject || listed === undefined || sameAs !== undefined) return [key];
  listed.set(element.def.shape, below);
  return [
    key,
    ...Object.entries(element.shape).flatMap(([name, value]) =>
      keysFrom(`${below}.${name}`, value as z.ZodType, level, listed, inner === element ? talos : undefined),
    ),
  ];
}

/** What the keys of a map are. */
const nameOf = (schema: z.ZodRecord): string => (/ id$/.test(typeOf(schema)) ? 'id' : 'name');

/** The default of a key, unless it is an object that is empty in the file. */
function defaultOf(schema: z.ZodType): string | undefined {
  if (!(schema instanceof z.ZodDefault)) return undefined;
  const value = (schema.def as { defaultValue: unknown }).defaultValue;
  return stringify(value, { collectionStyle: 'flow' }).trim();
}

/** What a value must be, in the words of the messages. */
function typeOf(schema: z.ZodType): string {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape).length === 0 ? '{}' : 'an object';
  const { error } = schema.def as { error?: (issue: object) => unknown };
  const text = error?.({ code: 'invalid_type' });
  if (typeof text === 'string') return text;
  if (schema instanceof z.ZodArray) return 'a list';
  throw new Error(`a ${schema.def.type} of the stack's schema has no text for what is expected`);
}
