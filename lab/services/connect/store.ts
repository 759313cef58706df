import { setTimeout as sleep } from 'node:timers/promises';
import { readJson, writePrivate } from '../../files';
import { readItem } from './item';
import { vaultIdOf } from './token';
import { conflict, ConnectError, type ConnectItem, type ConnectVault, type SeedItem } from './types';

/** Duration of a write. A second write to the same vault within this time is a conflict. */
const writeMilliseconds = 50;

/** Items of a vault that readers see until a time, in milliseconds since the epoch. */
interface Snapshot {
  until: number;
  items: ConnectItem[];
}

/**
 * The vaults of the Connect stand-in, persisted to one file (0600). As with the real server, reads lag behind writes,
 * and concurrent writes to one vault conflict.
 */
export class ConnectStore {
  private readonly vaults: ConnectVault[];
  /** By vault id, oldest first. */
  private readonly snapshots = new Map<string, Snapshot[]>();

  /**
   * Opens the file and adds the vaults (by name) and items (by title) of `seed` that it lacks. Readers see a write
   * after `lagMilliseconds`.
   */
  constructor(
    private readonly file: string,
    seed: Record<string, SeedItem[]>,
    private readonly lagMilliseconds: number,
  ) {
    this.vaults = readJson<{ vaults: ConnectVault[] }>(file)?.vaults ?? [];
    for (const [name, items] of Object.entries(seed)) {
      const vault = this.vaults.find((candidate) => candidate.name === name) ?? this.addVault(name);
      for (const { title, category = 'SECURE_NOTE', fields } of items) {
        if (vault.items.some((item) => item.title === title)) continue;
        const list = Object.entries(fields).map(([label, value]) => ({ label, value, type: 'CONCEALED' }));
        vault.items.push(readItem({ title, category, vault: { id: vault.id }, fields: list }, vault.id));
      }
    }
    this.save();
  }

  /** All vaults in creation order. */
  all(): readonly ConnectVault[] {
    return this.vaults;
  }

  /** The vault's items as readers see them, in creation order. */
  items(vault: ConnectVault): readonly ConnectItem[] {
    const now = Date.now();
    const snapshots = (this.snapshots.get(vault.id) ?? []).filter(({ until }) => until > now);
    this.snapshots.set(vault.id, snapshots);
    return snapshots[0]?.items ?? vault.items;
  }

  /**
   * Changes a vault's items and returns the result of `change`.
   *
   * @throws ConnectError 409 if another write changed the vault in the meantime
   */
  async write<T>(vault: ConnectVault, change: (items: readonly ConnectItem[]) => [T, ConnectItem[]]): Promise<T> {
    const { contentVersion } = vault;
    await sleep(writeMilliseconds);
    if (vault.contentVersion !== contentVersion) throw conflict();
    const [result, items] = change(vault.items);
    this.snapshots.set(vault.id, [
      ...(this.snapshots.get(vault.id) ?? []),
      { until: Date.now() + this.lagMilliseconds, items: vault.items },
    ]);
    vault.items = items;
    vault.contentVersion += 1;
    vault.updatedAt = new Date().toISOString();
    this.save();
    return result;
  }

  private addVault(name: string): ConnectVault {
    const now = new Date().toISOString();
    const vault: ConnectVault = {
      id: vaultIdOf(name),
      name,
      description: 'lab stand-in',
      createdAt: now,
      updatedAt: now,
      contentVersion: 1,
      items: [],
    };
    this.vaults.push(vault);
    return vault;
  }

  private save(): void {
    writePrivate(this.file, `${JSON.stringify({ vaults: this.vaults })}\n`);
  }
}

/**
 * The item with that id.
 * @throws ConnectError 404 if it does not exist
 */
export function itemOf(vault: ConnectVault, items: readonly ConnectItem[], id: string): ConnectItem {
  const item = items.find((candidate) => candidate.id === id);
  if (item === undefined) throw new ConnectError(404, `Item ${id} not found in vault ${vault.id}`);
  return item;
}
