import { stackFileName } from '../../cluster/names';
import {
  secretConfigKeys,
  type SecretConfigKey,
  secretsOfEnvironment,
  type StackConfigSource,
} from '../../cluster/stackConfig';
import { fileReader, stackKey } from '../../cluster/stackFile';

/** Output of `pulumi config --json --show-secrets`. */
export type ShownConfig = Record<string, { value?: string; objectValue?: unknown; secret?: boolean }>;

/**
 * Splits the configuration that the CLI prints into the source for the program's own checks, in which secret values are
 * hidden, and the secrets. Reads secrets that the stack lacks from the environment where that is allowed.
 */
export function stackConfigOf(
  shown: ShownConfig,
  { stack, project, folder, env }: { stack: string; project: string; folder: string; env: NodeJS.ProcessEnv },
): { source: StackConfigSource; secrets: Record<SecretConfigKey, string> } {
  const values: Record<string, unknown> = {};
  const secretKeys = new Set<string>();
  const secrets: Partial<Record<SecretConfigKey, string>> = {};
  for (const [full, { value, objectValue, secret }] of Object.entries(shown)) {
    const key = stackKey(full, project);
    if (key === undefined) continue;
    if (secret === true) secretKeys.add(key);
    if (isSecretKey(key)) {
      secrets[key] = value;
      values[key] = value && 'hidden';
    } else values[key] = objectValue ?? value;
  }
  for (const [key, text] of Object.entries(secretsOfEnvironment(values, env))) {
    secrets[key as SecretConfigKey] = text;
    values[key] = 'hidden';
    secretKeys.add(key);
  }
  const all = Object.fromEntries(secretConfigKeys.map((key) => [key, secrets[key] ?? '']));
  return {
    source: { file: stackFileName(stack), values, secretKeys, readFile: fileReader(folder) },
    secrets: all as Record<SecretConfigKey, string>,
  };
}

function isSecretKey(key: string): key is SecretConfigKey {
  return (secretConfigKeys as readonly string[]).includes(key);
}
