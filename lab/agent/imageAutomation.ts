import { posix } from 'node:path';
import { at, firstProblem, type Lookup, isTrue, missingKey, namespaceOf, type Refusal, specOf, text } from './refusals';
import type { ReportedObject } from './reportedObject';

// image-reflector-controller 1.0 and image-automation-controller 1.0 (internal/controller, internal/source, internal/policy).

const group = '/apis/image.toolkit.fluxcd.io/v1';

/** The controllers run with --no-cross-namespace-refs. */
function otherNamespace(object: ReportedObject, reference: unknown): string | undefined {
  const namespace = text(reference, 'namespace') ?? namespaceOf(object);
  if (namespace === namespaceOf(object)) return undefined;
  return `can't access '${namespace}/${text(reference, 'name') ?? ''}', cross-namespace references have been blocked`;
}

/** The image is a name without a scheme and a tag, and the credentials can be read. What the registry has is not known here. */
export const imageRepository: Refusal = async (object, lookup) => {
  const spec = specOf(object);
  const image = text(spec, 'image') ?? '';
  if (/^https?:\/\//.test(image))
    return `.spec.image value should not start with URL scheme; remove it from '${image}'`;
  if (/:[^/]*$/.test(image.replace(/^[^/]+/, '')))
    return `.spec.image value should not contain a tag; remove it from '${image}'`;
  for (const field of ['secretRef', 'certSecretRef', 'proxySecretRef']) {
    const name = text(spec, field, 'name');
    if (name === undefined) continue;
    const found = await lookup.get(`/api/v1/namespaces/${namespaceOf(object)}/secrets/${name}`);
    if (found === undefined) return `failed to configure authentication options: Secret ${name} not found`;
  }
  return undefined;
};

/** Its ImageRepository is in the same namespace and was scanned, and its policy can be read. */
export const imagePolicy: Refusal = async (object, lookup) => {
  const spec = specOf(object);
  const reference = at(spec, 'imageRepositoryRef');
  const other = otherNamespace(object, reference);
  if (other !== undefined) return other;
  const name = text(reference, 'name') ?? '';
  const found = await lookup.get(`${group}/namespaces/${namespaceOf(object)}/imagerepositories/${name}`);
  if (found === undefined) return `failed to get the referred ImageRepository: ${name} not found`;
  if (!isTrue(found, 'Ready')) return `no tags in database: ImageRepository ${name} is not ready`;
  const pattern = text(spec, 'filterTags', 'pattern');
  if (pattern !== undefined && !isExpression(pattern)) return `invalid policy: failed to compile regex ${pattern}`;
  if (spec['digestReflectionPolicy'] === 'Always' && spec['interval'] === undefined)
    return "spec.interval must be set when spec.digestReflectionPolicy is set to 'Always'";
  return undefined;
};

function isExpression(pattern: string): boolean {
  try {
    // Go's names of groups.
    return new RegExp(pattern.replaceAll('(?P<', '(?<')).source !== '';
  } catch {
    return false;
  }
}

/**
 * Its GitRepository is in the same namespace and has an artifact, the credentials with which it would push can be read, there is
 * a branch to push to and an author, and the path exists. It clones the repository; here its artifact, which leaves out what
 * Flux never reads, must have the path.
 */
export const imageUpdateAutomation: Refusal = async (object, lookup) => {
  const spec = specOf(object);
  const reference = at(spec, 'sourceRef');
  const kind = text(reference, 'kind') ?? 'GitRepository';
  if (kind !== 'GitRepository') return `source kind '${kind}' not supported: invalid source configuration`;
  if (at(spec, 'git') === undefined)
    return `source kind '${kind}' necessitates field .spec.git: invalid source configuration`;
  const other = otherNamespace(object, reference);
  if (other !== undefined) return other;
  const name = text(reference, 'name') ?? '';
  const place = `/apis/source.toolkit.fluxcd.io/v1/namespaces/${namespaceOf(object)}/gitrepositories/${name}`;
  const source = await lookup.get(place);
  if (source === undefined) return `failed configuring source manager: GitRepository ${name} not found`;
  if (text(spec, 'git', 'commit', 'author', 'email') === undefined) return 'the commit has no author with an email';
  const checkout = at(spec, 'git', 'checkout', 'ref') ?? at(source.spec, 'ref');
  if (
    (text(spec, 'git', 'push', 'branch') ?? text(spec, 'git', 'push', 'refspec') ?? text(checkout, 'branch')) ===
    undefined
  )
    return 'Push branch not given explicitly, and cannot be inferred from .spec.git.checkout.ref or GitRepository .spec.ref';
  return (await credentialsProblem(object, source, lookup)) ?? pathProblem(object, source, lookup);
};

async function credentialsProblem(
  object: ReportedObject,
  source: ReportedObject,
  lookup: Lookup,
): Promise<string | undefined> {
  const secret = text(source.spec, 'secretRef', 'name');
  if (secret === undefined) return 'failed to push: authentication required, and the GitRepository has no secretRef';
  const keys =
    text(source.spec, 'url')?.startsWith('ssh://') === true ? ['identity', 'known_hosts'] : ['username', 'password'];
  return firstProblem(keys.map((key) => missingKey(lookup, namespaceOf(object), secret, key)));
}

async function pathProblem(
  object: ReportedObject,
  source: ReportedObject,
  lookup: Lookup,
): Promise<string | undefined> {
  const strategy = text(specOf(object), 'update', 'strategy') ?? 'Setters';
  if (at(specOf(object), 'update') === undefined || strategy !== 'Setters') return 'no update strategy, or not Setters';
  const url = text(source.status, 'artifact', 'url');
  if (url === undefined) return `failed to checkout source: GitRepository ${source.metadata.name} has no artifact`;
  const path = posix.join('/', text(specOf(object), 'update', 'path') ?? '.').slice(1);
  const names = await lookup.archiveNames(url);
  if (names === undefined) return `failed to checkout source: ${url} cannot be read`;
  const isThere = path === '' || names.some((name) => name === path || name.startsWith(`${path.replace(/\/$/, '')}/`));
  return isThere ? undefined : `failed to apply policies: lstat ${path}: no such file or directory`;
}
