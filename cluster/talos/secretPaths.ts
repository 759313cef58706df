import { isMap, type Json, type JsonMap } from '../../gitops/kubernetesObject';

/** The text in place of a secret value wherever a configuration is shown. */
export const secretMark = '[secret]';

/**
 * Fields whose values are never shown, with everything below them, by the kind of their document (`v1alpha1` for the document
 * without one, `*` for every kind). In a path, `*` is any one key. Fields that {@link secretKey} knows by name are not listed.
 */
const secretPaths: readonly { kind: string; path: readonly string[] }[] = (
  [
    ['v1alpha1', 'cluster.aescbcEncryptionSecret'],
    ['v1alpha1', 'cluster.secretboxEncryptionSecret'],
    // Manifests may be Secrets; the headers are for fetching some from private places.
    ['v1alpha1', 'cluster.inlineManifests.*.contents'],
    ['v1alpha1', 'cluster.extraManifestHeaders'],
    ['v1alpha1', 'cluster.*.env'],
    ['v1alpha1', 'machine.env'],
    ['v1alpha1', 'machine.files.*.content'],
    ['v1alpha1', 'machine.pods'],
    ['v1alpha1', 'machine.kubelet.credentialProviderConfig.providers.*.env'],
    ['v1alpha1', 'machine.registries.config.*.auth'],
    ['EnvironmentConfig', 'variables'],
    // Of ExtensionServiceConfig. Environment variables and files often have passwords of proxies and registries.
    ['*', 'environment'],
    ['*', 'environmentFile'],
    ['*', 'configFiles.*.content'],
  ] as const
).map(([kind, path]) => ({ kind, path: path.split('.') }));

/** Names of keys whose values are secret wherever they are, as in a patch for a document that we do not know. */
const secretKey = /(auth|credentials?|key|passphrase|passwd|password|psk|secret|token)$/i;
const publicKeys = new Set(['publicKey', 'adUserPortKey']);

/**
 * Whether the value at a path, or one above it, must not be shown.
 * @param document `v1alpha1`, or the kind of the document, which a name may follow: `WireguardConfig wg0`
 * @param path keys and indexes
 */
export function isSecretPath(document: string, path: readonly string[]): boolean {
  if (path.some((key) => secretKey.test(key) && !publicKeys.has(key))) return true;
  const [kind = ''] = document.split(' ');
  return secretPaths.some(
    (secret) =>
      (secret.kind === kind || secret.kind === '*') &&
      secret.path.length <= path.length &&
      secret.path.every((key, index) => key === '*' || key === path[index]),
  );
}

/** Whether a text is secret wherever it is: it has a password or a token in a URL, or a private key. */
export function isSecretText(text: string): boolean {
  if (/:\/\/[^\s/]*@|[?&]\w*token=/i.test(text)) return true;
  // Talos keeps PEM in base64.
  const plain = text.startsWith('LS0tLS1') ? Buffer.from(text, 'base64').toString('latin1') : text;
  return /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(plain);
}

/** Whether a text anywhere in a value is secret by itself, or contains one of these secrets. */
export function hasSecretText(value: Json | undefined, secrets: readonly string[] = []): boolean {
  return texts(value, []).some(([text]) => isSecretText(text) || secrets.some((secret) => text.includes(secret)));
}

/**
 * A copy of a document of a machine configuration (or of a patch for one) in which `[secret]` stands for every secret: what is
 * at a secret path, what is secret by itself, and a text that contains one of the first. Keys, and the lengths of lists, stay.
 * @param keep placeholders, which may be at secret paths
 */
export function maskSecrets(document: JsonMap, keep: ReadonlySet<string> = new Set()): JsonMap {
  const kind = documentKind(document);
  const known = credentials(document, []).filter((text) => !keep.has(text));
  const masked = (value: Json, path: readonly string[]): Json => {
    if (Array.isArray(value)) return value.map((item, index) => masked(item, [...path, String(index)]));
    if (isMap(value)) return maskedMap(value, path);
    if (value === null || (typeof value === 'string' && keep.has(value))) return value;
    return isSecretPath(kind, path) || hasSecretText(value, known) ? secretMark : value;
  };
  const maskedMap = (map: JsonMap, path: readonly string[]): JsonMap =>
    Object.fromEntries(
      Object.entries(map).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, masked(value, [...path, key])]],
      ),
    );
  return maskedMap(document, []);
}

/** The kind of a document, as {@link isSecretPath} takes it. */
function documentKind({ kind }: JsonMap): string {
  return typeof kind === 'string' ? kind : 'v1alpha1';
}

/**
 * All texts at secret paths of a document, for masking them wherever else they are. Short ones could be anything.
 * @param document as for {@link isSecretPath}
 * @param path of the value in its document
 */
export function secretTexts(document: string, value: Json | undefined, path: readonly string[] = []): string[] {
  return texts(value, path).flatMap(([text, at]) => (text.length >= 8 && isSecretPath(document, at) ? [text] : []));
}

/** The texts that their keys call credentials. Not all of {@link secretTexts}: a variable of the environment may be a domain. */
function credentials(value: Json | undefined, path: readonly string[]): string[] {
  return texts(value, path).flatMap(([text, at]) => {
    const isCredential = at.some((key) => secretKey.test(key) && !publicKeys.has(key));
    return text.length >= 8 && isCredential ? [text] : [];
  });
}

function texts(value: Json | undefined, path: readonly string[]): [string, readonly string[]][] {
  if (typeof value === 'string') return [[value, path]];
  if (Array.isArray(value)) return value.flatMap((item, index) => texts(item, [...path, String(index)]));
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => texts(item, [...path, key]));
}
