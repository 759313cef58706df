import { type Json, type KubernetesObject, groupOf, isMap } from '../kubernetesObject';
import type { ObjectPath } from '../sources';
import type { Check, RawFinding } from './check';
import { isHelmRelease, valuesOf } from './facts/charts';
import { podsOf } from './facts/pods';
import { eachObject, findingAt } from './finding';

/** A plaintext Secret in Git. One that SOPS encrypted does not count. */
export const secretInGit: Check = {
  id: 'secret-in-git',
  severity: 'error',
  set: 'platform',
  why: 'Anyone who can read the repository, now or later, has the secret; base64 hides nothing.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, secret] of eachObject(tree)) {
      const { object } = secret;
      if (object.kind !== 'Secret' || groupOf(object) !== '' || secret.encrypted === true) continue;
      for (const field of ['data', 'stringData']) {
        const values = object[field];
        const keys = isMap(values) ? Object.keys(values).sort() : [];
        if (keys.length === 0) continue;
        // Keys, never values: this is printed.
        const what = `contains ${field} ${keys.join(', ')} in plain text`;
        const todo = 'put the values into the vault and use an ExternalSecret; rotate everything that was ever pushed';
        yield findingAt(tree, cluster, secret, [field], what, todo);
      }
    }
  },
};

// The same names that the admission policy no-plaintext-secrets rejects.
const secretName = /(password|passwd|secret|token|credentials?|api_?key|access_?key|private_?key)$/i;

/** A plaintext secret: where it is, and its name. */
interface PlainSecret {
  path: ObjectPath;
  name: string;
}

function isNonEmptyString(value: Json | undefined): boolean {
  return typeof value === 'string' && value !== '';
}

/** Environment variables with a secret's name and a literal value, at any depth. */
function* inEnvironments(value: Json | undefined, path: ObjectPath): Generator<PlainSecret> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      if (
        isMap(item) &&
        typeof item['name'] === 'string' &&
        secretName.test(item['name']) &&
        isNonEmptyString(item['value'])
      ) {
        yield { path: [...path, index, 'value'], name: item['name'] };
      } else yield* inEnvironments(item, [...path, index]);
    }
  } else if (isMap(value)) {
    for (const [key, item] of Object.entries(value)) yield* inEnvironments(item, [...path, key]);
  }
}

/** Chart values that are a password, and secret environment variables given as a map. */
function* inValues(value: Json | undefined, path: ObjectPath): Generator<PlainSecret> {
  if (!isMap(value)) return;
  const inEnvironment = /^(env|envs|environment|extraEnv|envVars)$/i.test(String(path.at(-1)));
  for (const [key, item] of Object.entries(value)) {
    // Elsewhere only a password is certainly a secret: `secret` or `token` often says where to find one, and so does
    // `existingSecretAdminPassword`.
    const matches = inEnvironment ? secretName.test(key) : /^(?!existingSecret).*password$/i.test(key);
    if (matches && isNonEmptyString(item)) yield { path: [...path, key], name: key };
    else yield* inValues(item, [...path, key]);
  }
}

/** A secret written literally where it is used. */
export const plainSecretValue: Check = {
  id: 'plain-secret-value',
  severity: 'error',
  set: 'platform',
  why: 'It ends up in Git, in the release or the pod, and in the logs of both.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, object] of eachObject(tree)) {
      for (const { path, name } of plainSecretsIn(object.object)) {
        const todo = 'put it into the vault, and read it from the Secret of an ExternalSecret';
        yield findingAt(tree, cluster, object, path, `contains the value of ${name} in plain text`, todo);
      }
    }
  },
};

function plainSecretsIn(object: KubernetesObject): PlainSecret[] {
  if (isHelmRelease(object)) {
    const path = ['spec', 'values'];
    const values = valuesOf(object);
    return [...inEnvironments(values, path), ...inValues(values, path)];
  }
  return podsOf(object) === undefined ? [] : [...inEnvironments(object['spec'], ['spec'])];
}
