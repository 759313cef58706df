import * as fs from 'node:fs';
import * as path from 'node:path';

/** A place in the lab's folder that exists to hold secrets. */
export interface Store {
  /** From `.lab`; a folder stands for all below it. */
  path: string;
  /** Why it may. */
  reason: string;
}

/** All of them: a secret anywhere else is a leak. */
export const stores: readonly Store[] = [
  { path: 'secrets.json', reason: 'what the lab was given at its birth' },
  { path: 'pulumi/passphrase', reason: 'opens the stacks; Pulumi reads it from a file' },
  { path: 'pki/ca.key', reason: 'signs the certificates of the outside world' },
  { path: 'connect', reason: 'the vaults of the stand-in for 1Password, and the key of its tokens' },
  { path: 'cloudflare', reason: 'the account of the stand-in for Cloudflare' },
  { path: 'config/cloudflare.json', reason: 'the token that the stand-in for Cloudflare knows from the start' },
  { path: 'clusters', reason: 'the disks of the simulated machines, and what their pods mount' },
];

/** Whether a path, from `.lab`, lies in a store. */
export function inStore(relative: string): boolean {
  return stores.some(({ path: store }) => relative === store || relative.startsWith(`${store}${path.sep}`));
}

/** Stores that others than their owner can get at: neither they nor a folder above them, down from `.lab`, keeps them out. */
export function openStores(labDir: string): string[] {
  return stores.flatMap(({ path: store }) => {
    const parts = store.split('/');
    const way = parts.map((_part, at) => path.join(labDir, ...parts.slice(0, at + 1)));
    if (!fs.existsSync(path.join(labDir, store))) return [];
    const closed = [labDir, ...way].some((place) => (fs.statSync(place).mode & 0o077) === 0);
    return closed ? [] : [store];
  });
}
