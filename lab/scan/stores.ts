import * as fs from 'node:fs';
import * as path from 'node:path';

/** A place in the lab's folder that is meant to contain secrets. */
export interface Store {
  /** Relative to `.lab`; a folder includes everything below it. */
  path: string;
  /** Why it may contain secrets. */
  reason: string;
}

/** All stores. A secret anywhere else is a leak. */
export const stores: readonly Store[] = [
  { path: 'secrets.json', reason: 'the secrets that the lab generates when it is created' },
  { path: 'pulumi/passphrase', reason: 'decrypts the stacks; Pulumi reads it from a file' },
  { path: 'pki/ca.key', reason: 'signs the certificates of the services' },
  { path: 'connect', reason: 'the vaults of the 1Password stand-in and the key of its tokens' },
  { path: 'cloudflare', reason: 'the account of the Cloudflare stand-in' },
  { path: 'config/cloudflare.json', reason: 'the initial token of the Cloudflare stand-in' },
  { path: 'observability', reason: 'what vmauth, vmagent and Alertmanager read: passwords, tokens, keys' },
  { path: 'clusters', reason: 'the disks of the simulated machines and the volumes of their pods' },
];

/** Copies of labs with all their stores, next to `.lab`. The scan does not look into them: they belong to other labs. */
export const snapshotsFolder = '.lab-snapshots';

/** Whether a path relative to `.lab` is in a store. */
export function inStore(relative: string): boolean {
  return stores.some(({ path: store }) => relative === store || relative.startsWith(`${store}${path.sep}`));
}

/**
 * Stores that users other than the owner can reach: neither the store nor a folder above it, up to `.lab`, is private. Paths are
 * relative to the checkout.
 */
export function openStores(labDir: string): string[] {
  const snapshots = path.join(path.dirname(labDir), snapshotsFolder);
  const open = fs.existsSync(snapshots) && (fs.statSync(snapshots).mode & 0o077) !== 0 ? [snapshotsFolder] : [];
  const inLab = stores.flatMap(({ path: store }) => {
    const names = store.split('/');
    const ancestors = names.map((_name, at) => path.join(labDir, ...names.slice(0, at + 1)));
    if (!fs.existsSync(path.join(labDir, store))) return [];
    const isPrivate = [labDir, ...ancestors].some((place) => (fs.statSync(place).mode & 0o077) === 0);
    return isPrivate ? [] : [`.lab/${store}`];
  });
  return [...inLab, ...open];
}
