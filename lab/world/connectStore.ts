import { readJson, writePrivate } from '../files';
import { readItem } from './connectItem';
import { vaultIdOf } from './connectToken';
import { ConnectError, type ConnectItem, type ConnectVault, type SeedItem } from './connectTypes';

/** The vaults of the Connect stand-in, kept in one file (0600) so that a restart loses nothing. */
export class ConnectStore {
  private readonly vaults: ConnectVault[];

  /** Opens the file, and adds the vaults and items of `seed` that are not there yet (by vault name and item title). */
  constructor(
    private readonly file: string,
    seed: Record<string, SeedItem[]>,
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

  /** The item of a vault; 404 when it is not there. */
  item(vault: ConnectVault, id: string): ConnectItem {
    const item = vault.items.find((candidate) => candidate.id === id);
    if (item === undefined) throw new ConnectError(404, `Item ${id} not found in vault ${vault.id}`);
    return item;
  }

  /** Adds an item, or puts it in the place of the one with its id. */
  put(vault: ConnectVault, item: ConnectItem): void {
    const at = vault.items.findIndex((candidate) => candidate.id === item.id);
    if (at < 0) vault.items.push(item);
    else vault.items[at] = item;
    this.touch(vault);
  }

  /** Deletes an item; 404 when it is not there. */
  remove(vault: ConnectVault, id: string): void {
    vault.items.splice(vault.items.indexOf(this.item(vault, id)), 1);
    this.touch(vault);
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

  private touch(vault: ConnectVault): void {
    vault.contentVersion += 1;
    vault.updatedAt = new Date().toISOString();
    this.save();
  }

  private save(): void {
    writePrivate(this.file, `${JSON.stringify({ vaults: this.vaults })}\n`);
  }
}
