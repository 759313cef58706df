import * as z from 'zod';
import { secretConfigKeys } from './stackConfig';
import { stackSchema } from './stackSchema';

type JsonSchema = z.core.JSONSchema.JSONSchema;

/**
 * The JSON schema of a stack file, for editors: keys, types and descriptions. What a value must be beyond its type, only the
 * program checks.
 * @param project the name of the project, which stands before every key
 */
export function editorSchema(project: string): object {
  const whole: JsonSchema = z.toJSONSchema(stackSchema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      delete jsonSchema['talos'];
    },
  });
  const { properties = {}, required = [] } = whole as { properties?: Record<string, JsonSchema>; required?: string[] };
  const { definitions, keys } = withSharedMachineKeys(properties);
  const secret = { type: 'object', properties: { secure: { type: 'string' } }, required: ['secure'] };
  const known = [...keys.map(([key]) => key), ...secretConfigKeys];
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: `Stack of ${project}`,
    type: 'object',
    properties: {
      config: {
        type: 'object',
        properties: Object.fromEntries<object>([
          ...keys.map(([key, schema]): [string, object] => [`${project}:${key}`, schema]),
          ...secretConfigKeys.map((key): [string, object] => [`${project}:${key}`, secret]),
        ]),
        // Other keys of the project are secrets that the stack itself refers to, or misspelt.
        patternProperties: { [`^${project}:(?!(${known.join('|')})$)`]: secret },
        required: required.map((key) => `${project}:${key}`),
      },
    },
    required: ['config'],
    definitions,
  };
}

/** The schema of each key of a level of machines once, and the keys of the stack that refer to them. */
function withSharedMachineKeys(properties: Readonly<Record<string, JsonSchema>>) {
  const { properties: definitions = {} } = properties['machines'] ?? {};
  const shared = (schema: JsonSchema): JsonSchema => ({
    ...schema,
    properties: Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([key, own]) => [
        key,
        Object.hasOwn(definitions, key) ? { $ref: `#/definitions/${key}` } : own,
      ]),
    ),
  });
  const keys = Object.entries(properties).map(([key, schema]) => {
    if (key === 'nodes') return [key, { ...schema, items: shared(schema.items as JsonSchema) }] as const;
    return [key, ['machines', 'controlPlane', 'worker'].includes(key) ? shared(schema) : schema] as const;
  });
  return { definitions, keys };
}
