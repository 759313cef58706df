import * as pulumi from '@pulumi/pulumi';
import * as engine from '@pulumi/pulumi/runtime/config';
import { stackFileName } from '../cluster/names';
import { secretConfigKeys, secretsOfEnvironment, type StackConfigSource } from '../cluster/stackConfig';
import { fileReader, stackKey } from '../cluster/stackFile';

/**
 * The stack's configuration as the engine passes it on, plus the secrets that only the environment has. Secrets are
 * present as keys only; their values are masked.
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
  return { file: stackFileName(stack), values, secretKeys, readFile: fileReader(process.cwd()) };
}

/**
 * A secret in plain text, from the stack or, if the stack has none, from the environment. Use it immediately and do not
 * store it.
 */
export function plainSecret(key: string): string {
  const config: Record<string, string> = engine.allConfig();
  const full = `${pulumi.getProject()}:${key}`;
  const ofEnvironment: Record<string, string> = secretsOfEnvironment({}, process.env);
  const text = config[full] || ofEnvironment[key];
  if (text === undefined) throw new Error(`secret ${key} is missing although the checks found it`);
  return text;
}

// The engine marks a whole object as secret if anything in it is. The SDK has the function but does not declare it.
function isSecret(full: string): boolean {
  return (engine as unknown as { isConfigSecret(key: string): boolean }).isConfigSecret(full);
}

/** Objects and lists arrive as JSON, scalars as plain text. */
function parsed(text: string): unknown {
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
