import type { z } from 'zod';
import { type Problem, show } from './problems';
import { type StackConfig, stackSchema } from './stackSchema';

/** A stack's configuration as it was read, from the engine or from the file. */
export interface StackConfigSource {
  /** For messages, such as `Pulumi.<stack>.yaml`. */
  file: string;
  /** By key without the project's name; secrets are in it only as keys, their values are not looked at. */
  values: Readonly<Record<string, unknown>>;
  /** The keys whose value is, or holds, a secret. */
  secretKeys: ReadonlySet<string>;
}

/** The keys that are secrets: set by `pulumi config set --secret <key>`. */
export const secretConfigKeys = ['connectToken', 'connectWriteToken', 'cloudflareApiToken'] as const;
export type SecretConfigKey = (typeof secretConfigKeys)[number];

/** What a secret is read from where the stack has none; the names are those of 1Password's and Cloudflare's own tools. */
export const secretVariables: Partial<Record<SecretConfigKey, string>> = {
  connectWriteToken: 'OP_CONNECT_TOKEN',
  cloudflareApiToken: 'CLOUDFLARE_API_TOKEN',
};

/** The secrets that the stack lacks and the environment has. */
export function secretsOfEnvironment(
  values: StackConfigSource['values'],
  env: NodeJS.ProcessEnv,
): Partial<Record<SecretConfigKey, string>> {
  return Object.fromEntries(
    secretConfigKeys.flatMap((key) => {
      const text = env[secretVariables[key] ?? ''];
      return text && !values[key] ? [[key, text]] : [];
    }),
  );
}

/** Checks a stack's configuration by itself. A section with a problem is left out, so that the others can go on. */
export function parseStackConfig(source: StackConfigSource): { config: Partial<StackConfig>; problems: Problem[] } {
  const problems = secretProblems(source);
  // A section with a secret in it is not looked at any further: the engine has decrypted it, and messages show values.
  const hidden = new Set<string>([...secretConfigKeys, ...sectionsWithSecrets(source)]);
  const plain = Object.fromEntries(Object.entries(source.values).filter(([key]) => !hidden.has(key)));
  const result = stackSchema.safeParse(plain);
  for (const issue of result.error?.issues ?? []) {
    if (!hidden.has(String(issue.path[0]))) problems.push(...schemaProblems(source.file, plain, issue));
  }
  return { config: result.success ? result.data : goodSections(plain, result.error.issues), problems };
}

/** The sections that are right once unknown keys are taken out: a misspelt key hides no other problem. */
function goodSections(plain: Record<string, unknown>, issues: readonly z.core.$ZodIssue[]): Partial<StackConfig> {
  const known = structuredClone(plain);
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const holder = valueAt(known, issue.path);
    for (const key of issue.keys) delete (holder as Record<string, unknown>)[key];
  }
  const again = stackSchema.safeParse(known);
  if (again.success) return again.data;
  const wrong = new Set(again.error.issues.map((issue) => issue.path[0]));
  const sections = Object.entries(stackSchema.shape).filter(([key]) => !wrong.has(key));
  return Object.fromEntries(sections.map(([key, section]) => [key, section.parse(known[key])]));
}

function valueAt(values: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, part) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[part] : undefined),
    values,
  );
}

/** `nodes[0].address` for a path of keys and indexes. */
export function keyPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}${text && '.'}${String(part)}`),
    '',
  );
}

function secretProblems(source: StackConfigSource): Problem[] {
  const problems: Problem[] = [];
  for (const key of secretConfigKeys) {
    const where = `${source.file} ${key}`;
    const fix = `run: pulumi config set --secret ${key}`;
    if (source.values[key] === undefined || source.values[key] === '') {
      const variable = secretVariables[key];
      problems.push({
        where,
        found: 'nothing',
        expected: 'a secret',
        fix: variable === undefined ? fix : `${fix}, or set ${variable}`,
      });
    } else if (!source.secretKeys.has(key)) {
      problems.push({ where, found: 'plain text', expected: 'a secret', fix: `${fix} (and replace the token)` });
    }
  }
  for (const key of sectionsWithSecrets(source)) {
    const places = securePlaces(source.values[key], [key]);
    problems.push(
      ...(places.length > 0 ? places : [[key]]).map((path) => ({
        where: `${source.file} ${keyPath(path)}`,
        found: 'a secret',
        expected: 'plain text (inside an object a secret loses its secrecy)',
        fix: `keep secrets in keys of their own: ${secretConfigKeys.join(', ')}`,
      })),
    );
  }
  return problems;
}

/** The keys that hold a secret and should not: by the engine's mark, or by a `secure:` entry in the file. */
function sectionsWithSecrets(source: StackConfigSource): string[] {
  return Object.keys(source.values).filter(
    (key) =>
      !(secretConfigKeys as readonly string[]).includes(key) &&
      (source.secretKeys.has(key) || securePlaces(source.values[key], []).length > 0),
  );
}

/** The paths of `secure:` entries, as a stack's file has them. */
function securePlaces(value: unknown, path: PropertyKey[]): PropertyKey[][] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((element, index) => securePlaces(element, [...path, index]));
  if ('secure' in value) return [path];
  return Object.entries(value).flatMap(([key, element]) => securePlaces(element, [...path, key]));
}

function schemaProblems(file: string, values: unknown, issue: z.core.$ZodIssue): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(issue.path);
    return issue.keys.map((key) => ({
      where: `${file} ${keyPath([...issue.path, key])}`,
      found: 'an unknown key',
      expected: `one of ${known.join(', ')}`,
      fix: 'remove it or correct its spelling',
    }));
  }
  const value = valueAt(values, issue.path);
  return [
    {
      where: `${file} ${keyPath(issue.path)}`,
      found: show(value),
      expected: issue.message,
      fix: value === undefined ? 'add it' : 'correct it',
    },
  ];
}

/** The keys that the schema knows at a path; at the top the secrets too. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  const shape = path.reduce<unknown>((schema, part) => {
    const definition = unwrapped(schema);
    return typeof part === 'number' ? definition.element : definition.shape?.[String(part)];
  }, stackSchema);
  const keys = Object.keys(unwrapped(shape).shape ?? {});
  return path.length === 0 ? [...keys, ...secretConfigKeys] : keys;
}

interface SchemaDefinition {
  shape?: Record<string, unknown>;
  element?: unknown;
  innerType?: unknown;
}

function unwrapped(schema: unknown): SchemaDefinition {
  const definition = (schema as { def: SchemaDefinition }).def;
  return definition.innerType === undefined ? definition : unwrapped(definition.innerType);
}
