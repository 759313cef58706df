import * as fs from 'node:fs';
import * as path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { filesBelow } from './filesBelow';
import { minimumLength, type Secret } from './secretPatterns';
import { stores } from './stores';

/** YAML and JSON keys with secret values: `client-key-data`, `token`, `bootstrapToken`, `secretboxEncryptionSecret`, … */
const secretKey = /(^|[-_.])(key|token|secret|password|passphrase|value)$|(Key|Token|Secret|Passphrase)$|key-data$/;

/**
 * The files of a cluster that secrets are collected from: keys, kubeconfigs, machine configurations, service account tokens.
 * Not etcd databases, whose secrets come from these files and the vault, and not what controllers extract from Git.
 */
const machineFiles =
  /\/(pki\/[^/]+\.(key|kubeconfig)|admin\.kubeconfig|config\.yaml|host\/[^/]+\/(token|kubeconfig-[^/]+))$/;

/** All secrets in the lab's stores, named by location. Public values next to them (certificates, names, ids) do not count. */
export function collectSecrets(labDir: string): Secret[] {
  const byValue = new Map<string, Secret>();
  const add = (secret: Secret): void => {
    if (secret.value.length < minimumLength || byValue.has(secret.value)) return;
    byValue.set(secret.value, secret);
    const inside = Buffer.from(secret.value, 'base64').toString('utf8');
    if (inside.startsWith('-----BEGIN')) byValue.set(inside, { name: `${secret.name} (decoded)`, value: inside });
  };
  for (const { path: store } of stores) {
    for (const file of filesBelow(path.join(labDir, store))) {
      const name = path.relative(labDir, file);
      if (store !== 'clusters' || machineFiles.test(name)) secretsIn(name, fs.readFileSync(file, 'utf8')).forEach(add);
    }
  }
  return [...byValue.values()];
}

/** The secrets in one file of a store. */
export function secretsIn(name: string, text: string): Secret[] {
  const base = path.basename(name);
  if (base.endsWith('.crt')) return [];
  if (text.startsWith('-----BEGIN')) return text.includes('PRIVATE KEY') ? [{ name, value: text.trim() }] : [];
  if (base === 'passphrase' || base === 'token') return [{ name, value: text.trim() }];
  if (!/\.(json|ya?ml|kubeconfig)$|kubeconfig-/.test(base)) return [];
  return parseAllDocuments(text).flatMap((document) =>
    document.errors.length > 0 ? [] : leaves(document.toJS() as unknown, name, ''),
  );
}

function leaves(value: unknown, name: string, key: string): Secret[] {
  if (Array.isArray(value)) return value.flatMap((entry, at) => leaves(entry, `${name}[${at}]`, key));
  if (typeof value === 'object' && value !== null) {
    const { label, type } = value as { label?: unknown; type?: unknown };
    // A field of a vault item: its label is more meaningful than its path.
    const place = typeof label === 'string' ? `${name}.${label}` : name;
    if (type === 'STRING') return [];
    return Object.entries(value).flatMap(([inner, entry]) => leaves(entry, `${place}.${inner}`, inner));
  }
  if (typeof value !== 'string' || !secretKey.test(key)) return [];
  // A field that contains a file: kubeconfig, talosconfig.
  if (value.includes('\n') && !value.startsWith('-----BEGIN')) return secretsIn(`${name}.yaml`, value);
  return value.includes('-----BEGIN CERTIFICATE') ? [] : [{ name, value: value.trim() }];
}
