import { type Json, type KubernetesObject, isMap } from '../../kubernetesObject';
import { type Path, about, eachObject } from '../about';
import type { Check, RawFinding } from '../check';
import { isHelmRelease, valuesOf } from '../sources/charts';
import { podsOf } from '../workloads/pods';

// The same names as the admission policy no-plaintext-secrets refuses.
const secretName = /(password|passwd|secret|token|credentials?|api_?key|access_?key|private_?key)$/i;

/** Where a secret is written out, and how it is called. */
interface Plain {
  path: Path;
  name: string;
}

function isPlain(value: Json | undefined): boolean {
  return typeof value === 'string' && value !== '';
}

/** Environment variables with a secret's name and a value of their own, at any depth. */
function* inEnvironments(value: Json | undefined, path: Path): Generator<Plain> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      if (isMap(item) && typeof item['name'] === 'string' && secretName.test(item['name']) && isPlain(item['value'])) {
        yield { path: [...path, index, 'value'], name: item['name'] };
      } else yield* inEnvironments(item, [...path, index]);
    }
  } else if (isMap(value)) {
    for (const [key, item] of Object.entries(value)) yield* inEnvironments(item, [...path, key]);
  }
}

/** Values of a chart that are a password, and environment variables given as a map. */
function* inValues(value: Json | undefined, path: Path): Generator<Plain> {
  if (!isMap(value)) return;
  const inEnvironment = /^(env|envs|environment|extraEnv|envVars)$/i.test(String(path.at(-1)));
  for (const [key, item] of Object.entries(value)) {
    // Of other names only passwords are sure to be one: `secret` or `token` is often where to find it.
    const named = inEnvironment ? secretName.test(key) : /password$/i.test(key);
    if (named && isPlain(item)) yield { path: [...path, key], name: key };
    else yield* inValues(item, [...path, key]);
  }
}

/** A secret written where it is used. */
export const plainSecretValue: Check = {
  id: 'plain-secret-value',
  severity: 'error',
  set: 'platform',
  why: 'It stands in Git, in the release or the pod, and in every log of either.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, one] of eachObject(tree)) {
      for (const { path, name } of plainIn(one.object)) {
        const todo = 'put it into the vault, and take it from the Secret of an ExternalSecret';
        yield about(tree, cluster, one, path, `has the value of ${name} in plain text`, todo);
      }
    }
  },
};

function plainIn(object: KubernetesObject): Plain[] {
  if (isHelmRelease(object)) {
    const path = ['spec', 'values'];
    const values = valuesOf(object);
    return [...inEnvironments(values, path), ...inValues(values, path)];
  }
  return podsOf(object) === undefined ? [] : [...inEnvironments(object['spec'], ['spec'])];
}
