import * as z from 'zod';
import { type KeyPlace, keyPath, placesIn } from './keyPath';
import { unwrapped } from './machine/partial';
import type { Problem } from './problems';
import { issueProblems, valueAtPath } from './schemaProblems';
import { type StackConfig, stackSchema } from './stackSchema';

/** A stack's configuration, as read from the engine or from the file. */
export interface StackConfigSource {
  /** The name for messages, such as `Pulumi.<stack>.yaml`. */
  file: string;
  /** By key, without the project prefix. Includes secrets, whose values are not used. */
  values: Readonly<Record<string, unknown>>;
  /** The keys whose value is or contains a secret. */
  secretKeys: ReadonlySet<string>;
  /** Whether the stack may have secrets that this source lacks. */
  secretsElsewhere?: boolean;
  /** The 1-based line of a path, or of the longest part of it that exists; undefined where no file was read. */
  line?(path: readonly PropertyKey[]): number | undefined;
  /** Reads a file by its path relative to the stack file, for patches. Throws if it cannot. */
  readFile(path: string): string;
}

/** The secret keys, set with `pulumi config set --secret <key>`. */
export const secretConfigKeys = ['connectToken', 'connectWriteToken', 'cloudflareApiToken'] as const;
export type SecretConfigKey = (typeof secretConfigKeys)[number];

/** Environment variables for secrets that the stack does not set, named as by 1Password's and Cloudflare's tools. */
export const secretVariables: Partial<Record<SecretConfigKey, string>> = {
  connectWriteToken: 'OP_CONNECT_TOKEN',
  cloudflareApiToken: 'CLOUDFLARE_API_TOKEN',
};

/** The secrets that the stack does not set and the environment does. A token of Cloudflare there may be for something else. */
export function secretsOfEnvironment(
  values: StackConfigSource['values'],
  env: NodeJS.ProcessEnv,
): Partial<Record<SecretConfigKey, string>> {
  return Object.fromEntries(
    secretConfigKeys.flatMap((key) => {
      const text = env[secretVariables[key] ?? ''];
      return text && !values[key] && needsSecret(key, values) ? [[key, text]] : [];
    }),
  );
}

/** Whether the program needs a secret: without its section, it needs no token of Cloudflare. */
export function needsSecret(key: SecretConfigKey, values: StackConfigSource['values']): boolean {
  return key !== 'cloudflareApiToken' || values['cloudflare'] !== undefined;
}

/** The configuration as if every secret that it lacks were set: a stack file in Git has none. */
export function withSecretsSet(source: StackConfigSource): StackConfigSource {
  const lacking = secretConfigKeys.filter((key) => source.values[key] === undefined && needsSecret(key, source.values));
  return {
    ...source,
    values: { ...source.values, ...Object.fromEntries(lacking.map((key) => [key, 'set elsewhere'])) },
    secretKeys: new Set([...source.secretKeys, ...lacking]),
    secretsElsewhere: true,
  };
}

/** A parsed configuration: its valid sections, and where its keys are defined. */
export interface ParsedStackConfig {
  config: Partial<StackConfig>;
  at: KeyPlace;
  problems: Problem[];
  /** The secrets that machines may refer to. */
  ownSecrets: string[];
}

/** Parses a stack's configuration. Invalid sections are left out and reported; the other sections are still checked. */
export function parseStackConfig(source: StackConfigSource): ParsedStackConfig {
  const at = placesIn(source.file, (path) => source.line?.(path));
  const ownSecrets = ownSecretKeys(source);
  const problems = secretProblems(source, at);
  // The engine has already decrypted a section that contains a secret, and messages show values: parse no such section.
  const hidden = new Set<string>([...secretConfigKeys, ...ownSecrets, ...sectionsWithSecrets(source)]);
  const plain = Object.fromEntries(
    Object.entries(source.values).flatMap(([key, value]) => (hidden.has(key) ? [] : [[key, scalar(value)]])),
  );
  const result = stackSchema.safeParse(plain);
  for (const issue of result.error?.issues ?? []) {
    if (!hidden.has(String(issue.path[0]))) problems.push(...schemaProblems(at, plain, issue));
  }
  const config: Partial<StackConfig> = result.success ? result.data : validSections(plain, result.error.issues);
  const visible = Object.entries(config).filter(([key]) => !hidden.has(key));
  return { config: Object.fromEntries(visible), at, problems, ownSecrets };
}

/** The engine passes the values of outermost keys on as text, except for lists and maps. */
function scalar(value: unknown): unknown {
  return value === 'true' ? true : value === 'false' ? false : value;
}

/** The sections that are valid without their unknown keys, so that a misspelt key hides no other problem. */
function validSections(plain: Record<string, unknown>, issues: readonly z.core.$ZodIssue[]): Partial<StackConfig> {
  const known = structuredClone(plain);
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const parent = valueAtPath(known, issue.path) as Record<string, unknown>;
    for (const key of issue.keys) delete parent[key];
  }
  const again = stackSchema.safeParse(known);
  if (again.success) return again.data;
  const invalid = new Set(again.error.issues.map((issue) => issue.path[0]));
  const sections = Object.entries(stackSchema.shape).filter(([key]) => !invalid.has(key));
  return Object.fromEntries(sections.map(([key, section]) => [key, section.parse(known[key])]));
}

function secretProblems(source: StackConfigSource, at: KeyPlace): Problem[] {
  const problems: Problem[] = [];
  for (const key of secretConfigKeys) {
    const where = at(key);
    if (!needsSecret(key, source.values)) {
      if (source.values[key] === undefined) continue;
      const expected = 'no token, because the stack has no section cloudflare';
      problems.push({ where, found: 'a token', expected, fix: `run: pulumi config rm ${key}` });
      continue;
    }
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

/** The secrets in keys that only machines may refer to. */
function ownSecretKeys({ values, secretKeys }: StackConfigSource): string[] {
  const known = [...secretConfigKeys, ...Object.keys(stackSchema.shape)];
  const isWhole = (value: unknown): boolean =>
    typeof value !== 'object' || securePlaces(value, []).every((path) => path.length === 0);
  return [...secretKeys].filter((key) => !known.includes(key) && isWhole(values[key]));
}

/** The sections that contain a secret: marked by the engine, or with a `secure:` entry in the file. */
function sectionsWithSecrets(source: StackConfigSource): string[] {
  const whole: readonly string[] = [...secretConfigKeys, ...ownSecretKeys(source)];
  return Object.keys(source.values).filter(
    (key) => !whole.includes(key) && (source.secretKeys.has(key) || securePlaces(source.values[key], []).length > 0),
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
  network: {
    expected: 'machines.network',
    fix: 'move it there: the bond to interfaces, the gateway to its routes, the VLAN to its vlans; ethernet is a map by link',
  },
  image: {
    expected: 'schematics and machines',
    fix: 'move its schematic to schematics.default, and its install disk to machines',
  },
};

function schemaProblems(at: KeyPlace, values: unknown, issue: z.core.$ZodIssue): Problem[] {
  if (issue.code !== 'unrecognized_keys') return issueProblems(at, values, issue);
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

/** The keys that the schema allows at a path; at the top level, the secrets too. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  const below = path.reduce<z.ZodType | undefined>((schema, part) => {
    const inner = schema && unwrapped(schema);
    if (inner instanceof z.ZodArray) return inner.element as z.ZodType;
    if (inner instanceof z.ZodRecord) return inner.valueType as z.ZodType;
    return inner instanceof z.ZodObject ? (inner.shape[String(part)] as z.ZodType | undefined) : undefined;
  }, stackSchema);
  const inner = below && unwrapped(below);
  const keys =
    inner instanceof z.ZodObject
      ? Object.keys(inner.shape)
      : inner instanceof z.ZodRecord && inner.keyType instanceof z.ZodEnum
        ? inner.keyType.options.map(String)
        : [];
  return path.length === 0 ? [...keys, ...secretConfigKeys] : keys;
}
