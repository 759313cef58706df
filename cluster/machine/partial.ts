import * as z from 'zod';

/**
 * The schema of one level: as the given one, but every key of every object and map may be missing, or null, which removes
 * what a lower level says. Lists are as they are, because a list replaces another. Rules between keys are left to the schema
 * itself, for the merged value.
 */
export function partial(schema: z.ZodType): z.ZodType {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodObject) {
    const shape = Object.entries(inner.shape).map(([key, value]) => [key, optional(value as z.ZodType)]);
    return new z.ZodObject({ ...inner.def, checks: [], shape: Object.fromEntries(shape) as z.ZodRawShape });
  }
  if (inner instanceof z.ZodRecord) {
    const value = partial(inner.valueType as z.ZodType).nullish();
    return new z.ZodRecord({ ...inner.def, checks: [], valueType: value });
  }
  return inner;
}

/** A key of one level, with its description. */
function optional(schema: z.ZodType): z.ZodType {
  const level = partial(schema).nullish();
  const meta = schema.meta();
  return meta === undefined ? level : level.meta(meta);
}

/** A schema without what only says that its key may be missing. */
export function unwrapped(schema: z.ZodType): z.ZodType {
  const { innerType } = schema.def as { innerType?: z.ZodType };
  return innerType === undefined ? schema : unwrapped(innerType);
}
