import * as fs from 'node:fs';
import * as path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { filesBelow } from './filesBelow';
import { leastLength, type Secret } from './secretPatterns';
import { stores } from './stores';

/** Keys below which YAML and JSON have secrets: `client-key-data`, `token`, `bootstrapToken`, `secretboxEncryptionSecret`, … */
const secretKey = /(^|[-_.])(key|token|secret|password|passphrase|value)$|(Key|Token|Secret|Passphrase)$|key-data$/;

/**
 * What is looked at of a cluster's files: keys, kubeconfigs, machine configurations, tokens of service accounts. Not the
 * databases of etcd, into which it came from there and from the vault, nor what controllers unpack of Git.
 */
const ofMachine =
  /\/(pki\/[^/]+\.(key|kubeconfig)|admin\.kubeconfig|config\.yaml|host\/[^/]+\/(token|kubeconfig-[^/]+))$/;

/** Every secret in the lab's stores, by where it is. Public parts beside them (certificates, names, ids) are none. */
export function collectSecrets(labDir: string): Secret[] {
  const byValue = new Map<string, Secret>();
  const add = (secret: Secret): void => {
    if (secret.value.length < leastLength || byValue.has(secret.value)) return;
    byValue.set(secret.value, secret);
    const inside = Buffer.from(secret.value, 'base64').toString('utf8');
    if (inside.startsWith('-----BEGIN')) byValue.set(inside, { name: `${secret.name} (decoded)`, value: inside });
  };
  for (const { path: store } of stores) {
    for (const file of filesBelow(path.join(labDir, store))) {
      const name = path.relative(labDir, file);
      if (store !== 'clusters' || ofMachine.test(name)) secretsIn(name, fs.readFileSync(file, 'utf8')).forEach(add);
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
    // A field of a vault's item: its label tells more than its place.
    const place = typeof label === 'string' ? `${name}.${label}` : name;
    if (type === 'STRING') return [];
    return Object.entries(value).flatMap(([inner, entry]) => leaves(entry, `${place}.${inner}`, inner));
  }
  if (typeof value !== 'string' || !secretKey.test(key)) return [];
  // A whole file in a field: kubeconfig, talosconfig.
  if (value.includes('\n') && !value.startsWith('-----BEGIN')) return secretsIn(`${name}.yaml`, value);
  return value.includes('-----BEGIN CERTIFICATE') ? [] : [{ name, value: value.trim() }];
}
