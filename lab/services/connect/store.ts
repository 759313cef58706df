import { setTimeout as sleep } from 'node:timers/promises';
import { readJson, writePrivate } from '../../files';
import { readItem } from './item';
import { vaultIdOf } from './token';
import { conflict, ConnectError, type ConnectItem, type ConnectVault, type SeedItem } from './types';

/** How long a write is on its way; another one in the meantime, into the same vault, and it is refused. */
const writeMilliseconds = 50;

/** Items of a vault as they were until a moment, milliseconds since 1970. */
interface Past {
  until: number;
  items: ConnectItem[];
}

/**
 * The vaults of the Connect stand-in, kept in one file (0600) so that a restart loses nothing. As with the real one, what
 * is read lags behind what was written, and two writes at the same time into one vault are a conflict.
 */
export class ConnectStore {
  private readonly vaults: ConnectVault[];
  /** By vault id, the oldest first. */
  private readonly past = new Map<string, Past[]>();

  /**
   * Opens the file, and adds the vaults and items of `seed` that are not there yet (by vault name and item title). A write
   * is seen by readers after `lagMilliseconds`.
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

  /** Every vault, in the order they were made. */
  all(): readonly ConnectVault[] {
    return this.vaults;
  }

  /** The vault's items as readers see them, in the order they were made. */
  items(vault: ConnectVault): readonly ConnectItem[] {
    const now = Date.now();
    const past = (this.past.get(vault.id) ?? []).filter(({ until }) => until > now);
    this.past.set(vault.id, past);
    return past[0]?.items ?? vault.items;
  }

  /**
   * Changes a vault's items: gives back what the change gives.
   *
   * @throws ConnectError 409 when somebody else changed the vault in between
   */
  async write<T>(vault: ConnectVault, change: (items: readonly ConnectItem[]) => [T, ConnectItem[]]): Promise<T> {
    const { contentVersion } = vault;
    await sleep(writeMilliseconds);
    if (vault.contentVersion !== contentVersion) throw conflict();
    const [result, items] = change(vault.items);
    this.past.set(vault.id, [
      ...(this.past.get(vault.id) ?? []),
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

/** The item of that id; 404 when it is not there. */
export function itemOf(vault: ConnectVault, items: readonly ConnectItem[], id: string): ConnectItem {
  const item = items.find((candidate) => candidate.id === id);
  if (item === undefined) throw new ConnectError(404, `Item ${id} not found in vault ${vault.id}`);
  return item;
}
