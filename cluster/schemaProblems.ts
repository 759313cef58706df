import type * as z from 'zod';
import { isMap } from '../gitops/kubernetesObject';
import type { KeyPlace } from './keyPath';
import { type Problem, show } from './problems';

/** The problem that an issue of a schema means, apart from unknown keys. Messages of the schema complete "expected …". */
export function issueProblems(at: KeyPlace, values: unknown, issue: z.core.$ZodIssue): Problem[] {
  if (issue.code === 'invalid_key') {
    const [inner] = issue.issues;
    const expected = `a key that is ${inner?.message ?? issue.message}`;
    return [{ where: at(...issue.path), found: `key ${show(issue.path.at(-1))}`, expected, fix: 'correct the key' }];
  }
  const value = valueAtPath(values, issue.path);
  if (issue.path.at(-1) === 'passphrase' && typeof value === 'string') {
    const fix = 'set the secret, refer to it, and replace the passphrase';
    return [{ where: at(...issue.path), found: 'plain text', expected: issue.message, fix }];
  }
  const fix = value === undefined ? 'add it' : 'correct it';
  return [{ where: at(...issue.path), found: show(value), expected: issue.message, fix }];
}

/** The value at a path of keys and indexes; undefined if there is none. */
export function valueAtPath(values: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, part) => {
    if (Array.isArray(value)) return value[Number(part)];
    return isMap(value) && Object.hasOwn(value, part) ? value[String(part)] : undefined;
  }, values);
}
