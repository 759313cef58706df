import * as pulumi from '@pulumi/pulumi';
import * as engine from '@pulumi/pulumi/runtime/config';
import { stackFileName } from '../cluster/names';
import {
  secretConfigKeys,
  secretsOfEnvironment,
  type SecretConfigKey,
  type StackConfigSource,
} from '../cluster/stackConfig';
import { stackKey } from '../cluster/stackFile';

/**
 * The stack's configuration as the engine gives it, with the secrets that only the environment has. No secret's value is
 * in it: only that they are there is told.
 */
export function engineConfig(stack: string): StackConfigSource {
  const values: Record<string, unknown> = {};
  const secretKeys = new Set<string>();
  for (const [full, text] of Object.entries(engine.allConfig())) {
    const key = stackKey(full, pulumi.getProject());
    if (key === undefined) continue;
    if (isSecret(full)) secretKeys.add(key);
    values[key] = (secretConfigKeys as readonly string[]).includes(key) ? text && 'hidden' : parsed(text);
  }
  for (const key of Object.keys(secretsOfEnvironment(values, process.env))) {
    values[key] = 'hidden';
    secretKeys.add(key);
  }
  return { file: stackFileName(stack), values, secretKeys };
}

/** A secret of the stack or, where the stack has none, of the environment, in plain text: for use at once, never to keep. */
export function plainSecret(key: SecretConfigKey): string {
  const config: Record<string, string> = engine.allConfig();
  const full = `${pulumi.getProject()}:${key}`;
  const text = config[full] || secretsOfEnvironment({}, process.env)[key];
  if (text === undefined) throw new Error(`the secret ${key} passed its checks without being there`);
  return text;
}

// The engine marks a whole object when anything in it is secret; the SDK tells, but does not declare it.
function isSecret(full: string): boolean {
  return (engine as unknown as { isConfigSecret(key: string): boolean }).isConfigSecret(full);
}

/** Objects and lists arrive as JSON, scalars as they are. */
function parsed(text: string): unknown {
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
