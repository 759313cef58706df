import { isMap } from '../../gitops/kubernetesObject';
import type { KeyPlace } from '../keyPath';
import { type Problem, show } from '../problems';
import { secretConfigKeys, type StackConfigSource } from '../stackConfig';
import { type CheckedMachine, onceEach } from './machines';

/** The key of a value that stands for a secret of the stack: `{ secretFrom: diskPassphrase }`. */
export const secretFrom = 'secretFrom';

/** A place where a secret of the stack belongs. */
export interface SecretReference {
  key: string;
  path: readonly PropertyKey[];
}

/** The secrets of the stack that a value refers to, anywhere below it. */
export function secretReferences(value: unknown, path: readonly PropertyKey[] = []): SecretReference[] {
  if (isReference(value)) return [{ key: value[secretFrom], path }];
  if (Array.isArray(value)) return value.flatMap((element, index) => secretReferences(element, [...path, index]));
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, element]) => secretReferences(element, [...path, key]));
}

/**
 * The value with each reference replaced by the secret itself.
 * @throws Error if a secret is missing, which the checks of a definition refuse
 */
export function withStackSecrets(value: unknown, secrets: Readonly<Record<string, string>>): unknown {
  if (isReference(value)) {
    const secret = secrets[value[secretFrom]];
    if (secret === undefined) throw new Error(`secret ${value[secretFrom]} is missing although the checks found it`);
    return secret;
  }
  if (Array.isArray(value)) return value.map((element) => withStackSecrets(element, secrets));
  if (!isMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, withStackSecrets(element, secrets)]));
}

/** The secrets of the stack that any machine refers to, sorted. */
export function stackSecretKeys(nodes: readonly object[]): string[] {
  return [...new Set(nodes.flatMap((node) => secretReferences(node).map(({ key }) => key)))].sort();
}

/**
 * Checks that the stack has every secret that a machine refers to, and no other.
 * @param source where the secrets are set
 * @param ownSecrets the secrets of the stack that only machines may refer to
 */
export function stackSecretProblems(
  machines: readonly CheckedMachine[],
  { secretsElsewhere = false }: Pick<StackConfigSource, 'secretsElsewhere'>,
  ownSecrets: readonly string[],
  at: KeyPlace,
): Problem[] {
  const missing = machines.flatMap((machine) =>
    secretReferences(machine.node).flatMap(({ key, path }): Problem[] => {
      if (secretsElsewhere || ownSecrets.includes(key)) return [];
      // Patches of several levels follow each other, so that an index says nothing about the file.
      const where = path[0] === 'patches' ? machine.at('patches') : machine.at(...path, secretFrom);
      const expected = 'the key of a secret of the stack';
      return [{ where, found: show(key), expected, fix: `run: pulumi config set --secret ${key}` }];
    }),
  );
  const used = stackSecretKeys(machines.map(({ node }) => node));
  const unused = ownSecrets.filter((key) => !used.includes(key));
  return [
    ...onceEach(missing),
    ...unused.map((key) => ({
      where: at(key),
      found: 'a secret that no machine refers to',
      expected: `one of ${secretConfigKeys.join(', ')}, or a secret for { ${secretFrom}: ${key} }`,
      fix: 'remove it or correct the spelling',
    })),
  ];
}

function isReference(value: unknown): value is { [secretFrom]: string } {
  return isMap(value) && Object.keys(value).length === 1 && typeof value[secretFrom] === 'string';
}
