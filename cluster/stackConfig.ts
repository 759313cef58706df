import type * as z from 'zod';
import { type KeyPlace, keyPath, placesIn } from './keyPath';
import { type Problem, show } from './problems';
import { type StackConfig, stackSchema } from './stackSchema';

/** A stack's configuration, as read from the engine or from the file. */
export interface StackConfigSource {
  /** The name for messages, such as `Pulumi.<stack>.yaml`. */
  file: string;
  /** By key, without the project prefix. Includes secrets, whose values are not used. */
  values: Readonly<Record<string, unknown>>;
  /** The keys whose value is or contains a secret. */
  secretKeys: ReadonlySet<string>;
  /** The 1-based line of a path, or of the longest part of it that exists; undefined where no file was read. */
  line?(path: readonly PropertyKey[]): number | undefined;
}

/** The secret keys, set with `pulumi config set --secret <key>`. */
export const secretConfigKeys = ['connectToken', 'connectWriteToken', 'cloudflareApiToken'] as const;
export type SecretConfigKey = (typeof secretConfigKeys)[number];

/** Environment variables for secrets that the stack does not set, named as by 1Password's and Cloudflare's tools. */
export const secretVariables: Partial<Record<SecretConfigKey, string>> = {
  connectWriteToken: 'OP_CONNECT_TOKEN',
  cloudflareApiToken: 'CLOUDFLARE_API_TOKEN',
};

/** The secrets that the stack does not set and the environment does. */
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

/** The configuration as if every secret that it lacks were set: a stack file in Git has none. */
export function withSecretsSet(source: StackConfigSource): StackConfigSource {
  const lacking = secretConfigKeys.filter((key) => source.values[key] === undefined);
  return {
    ...source,
    values: { ...source.values, ...Object.fromEntries(lacking.map((key) => [key, 'set elsewhere'])) },
    secretKeys: new Set([...source.secretKeys, ...lacking]),
  };
}

/** A parsed configuration: its valid sections, and where its keys are defined. */
export interface ParsedStackConfig {
  config: Partial<StackConfig>;
  at: KeyPlace;
  problems: Problem[];
}

/** Parses a stack's configuration. Invalid sections are left out and reported; the other sections are still checked. */
export function parseStackConfig(source: StackConfigSource): ParsedStackConfig {
  const at = placesIn(source.file, (path) => source.line?.(path));
  const problems = secretProblems(source, at);
  // The engine has already decrypted a section that contains a secret, and messages show values: parse no such section.
  const hidden = new Set<string>([...secretConfigKeys, ...sectionsWithSecrets(source)]);
  const plain = Object.fromEntries(Object.entries(source.values).filter(([key]) => !hidden.has(key)));
  const result = stackSchema.safeParse(plain);
  for (const issue of result.error?.issues ?? []) {
    if (!hidden.has(String(issue.path[0]))) problems.push(...schemaProblems(at, plain, issue));
  }
  return { config: result.success ? result.data : validSections(plain, result.error.issues), at, problems };
}

/** The sections that are valid without their unknown keys, so that a misspelt key hides no other problem. */
function validSections(plain: Record<string, unknown>, issues: readonly z.core.$ZodIssue[]): Partial<StackConfig> {
  const known = structuredClone(plain);
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const parent = valueAt(known, issue.path) as Record<string, unknown>;
    for (const key of issue.keys) delete parent[key];
  }
  const again = stackSchema.safeParse(known);
  if (again.success) return again.data;
  const invalid = new Set(again.error.issues.map((issue) => issue.path[0]));
  const sections = Object.entries(stackSchema.shape).filter(([key]) => !invalid.has(key));
  return Object.fromEntries(sections.map(([key, section]) => [key, section.parse(known[key])]));
}

function valueAt(values: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[part] : undefined,
    values,
  );
}

function secretProblems(source: StackConfigSource, at: KeyPlace): Problem[] {
  const problems: Problem[] = [];
  for (const key of secretConfigKeys) {
    const where = at(key);
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
        where: at(...path),
        found: 'a secret',
        expected: 'plain text (inside an object, a secret does not stay secret)',
        fix: `store secrets in their own keys: ${secretConfigKeys.join(', ')}`,
      })),
    );
  }
  return problems;
}

/** The sections that contain a secret: marked by the engine, or with a `secure:` entry in the file. */
function sectionsWithSecrets(source: StackConfigSource): string[] {
  return Object.keys(source.values).filter(
    (key) =>
      !(secretConfigKeys as readonly string[]).includes(key) &&
      (source.secretKeys.has(key) || securePlaces(source.values[key], []).length > 0),
  );
}

/** The paths of `secure:` entries, the form of secrets in a stack file. */
function securePlaces(value: unknown, path: PropertyKey[]): PropertyKey[][] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((element, index) => securePlaces(element, [...path, index]));
  if ('secure' in value) return [path];
  return Object.entries(value).flatMap(([key, element]) => securePlaces(element, [...path, key]));
}

/** Renamed keys of earlier versions, by path with every index set to 0. */
const renamedKeys: Readonly<Record<string, Pick<Problem, 'expected' | 'fix'>>> = {
  'nodes[0].endpoint': {
    expected: 'dialOverrides',
    fix: "move it there, with the node's address as the key and this address as the value",
  },
  detours: { expected: 'dialOverrides', fix: 'rename the key; put IPv6 addresses with a port in brackets' },
};

function schemaProblems(at: KeyPlace, values: unknown, issue: z.core.$ZodIssue): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(issue.path);
    return issue.keys.map((key) => {
      const where = at(...issue.path, key);
      const general = keyPath([...issue.path.map((part) => (typeof part === 'number' ? 0 : part)), key]);
      const renamed = Object.hasOwn(renamedKeys, general) ? renamedKeys[general] : undefined;
      if (renamed !== undefined) return { where, found: 'a renamed key', ...renamed };
      return {
        where,
        found: 'an unknown key',
        expected: `one of ${known.join(', ')}`,
        fix: 'remove it or correct the spelling',
      };
    });
  }
  const value = valueAt(values, issue.path);
  return [
    {
      where: at(...issue.path),
      found: show(value),
      expected: issue.message,
      fix: value === undefined ? 'add it' : 'correct it',
    },
  ];
}

/** The keys that the schema allows at a path; at the top level, the secrets too. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  const shape = path.reduce<unknown>((schema, part) => {
    const definition = unwrap(schema);
    return typeof part === 'number' ? definition.element : definition.shape?.[String(part)];
  }, stackSchema);
  const keys = Object.keys(unwrap(shape).shape ?? {});
  return path.length === 0 ? [...keys, ...secretConfigKeys] : keys;
}

interface SchemaDefinition {
  shape?: Record<string, unknown>;
  element?: unknown;
  innerType?: unknown;
}

function unwrap(schema: unknown): SchemaDefinition {
  const definition = (schema as { def: SchemaDefinition }).def;
  return definition.innerType === undefined ? definition : unwrap(definition.innerType);
}
