import { type Json, isMap } from '../kubernetesObject';

/** Replaces a secret value in the output. */
export const masked = '(masked)';

/** Names of fields, keys and variables whose values are secrets: the last word says what they hold. */
const sensitive =
  /(^|[^a-z])(pass|passwd|password|passphrase|pwd|token|secret|api_?key|access_?key|secret_?key|private_?key|encryption_?key|signing_?key|credentials?|htpasswd|dsn)$/i;
const sensitiveCamel =
  /(Pass|Passwd|Password|Passphrase|Token|Secret|ApiKey|APIKey|AccessKey|SecretKey|PrivateKey|EncryptionKey|SigningKey|Credentials?)$/;
/** Names of this kind hold the name of a Secret. */
const ofReferences = /(existing|pull|tls)_?-?secret$/i;

/** Whether a name says that its value is a secret. */
export function isSensitiveName(name: string): boolean {
  return (sensitive.test(name) || sensitiveCamel.test(name)) && !ofReferences.test(name);
}

/**
 * A value without what its names or its form show to be secret: texts and numbers under sensitive names, values of
 * environment variables with such names, passwords in URLs and in lines of configuration, and what SOPS encrypts. `path` is
 * that of the value in its object, as `pathText` writes it.
 */
export function withoutSensitive(value: Json, path: string): Json {
  return isHidden(lastName(path), value) ? masked : visit(value);
}

function visit(value: Json): Json {
  if (typeof value === 'string') return withoutSecretsIn(value);
  if (Array.isArray(value)) return value.map(visit);
  if (!isMap(value)) return value;
  const isVariable =
    typeof value['name'] === 'string' && isSensitiveName(value['name']) && value['value'] !== undefined;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]): [string, Json][] => {
      if (item === undefined) return [];
      const hide = isHidden(key, item) || (isVariable && key === 'value' && isScalar(item));
      return [[key, hide ? masked : visit(item)]];
    }),
  );
}

const isScalar = (value: Json): boolean => typeof value === 'string' || typeof value === 'number';

function isHidden(name: string, value: Json): boolean {
  if (!isScalar(value) || value === '') return false;
  return isSensitiveName(name);
}

/** The name that a path ends in: `env.DB_PASSWORD`, `env[name=DB_PASSWORD].value`, `data["db.password"]`. */
function lastName(path: string): string {
  const variable = /\[name=([^\]]*)\]\.value$/.exec(path)?.[1];
  if (variable !== undefined) return variable;
  return /\["([^"]*)"\]$/.exec(path)?.[1] ?? path.split('.').at(-1) ?? '';
}

const line =
  /^(\s*(?:export\s+|-\s+)?["']?[\w.-]*?(?:pass(?:word|wd|phrase)?|token|secret|api_?key|private_?key|credentials?)["']?\s*[:=]\s*)(\S.*)$/gim;
const userInfo = /\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]+@/gi;
const encrypted = /ENC\[AES256_GCM,[^\]]*\]/g;
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g;

function withoutSecretsIn(text: string): string {
  const plain = text.replace(privateKey, masked).replace(encrypted, masked).replace(userInfo, `$1:${masked}@`);
  return text.includes('\n') ? plain.replace(line, `$1${masked}`) : plain;
}
