import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startConnect } from '../../../lab/services/connect/standIn';
import { makeTokenKey, mintConnectToken, publicKeyOf } from '../../../lab/services/connect/token';
import type { SeedItem } from '../../../lab/services/connect/types';
import type { RunningServer } from '../../../lab/services/runServer';
import { ConnectClient, type Item } from '../../../clients/onepassword/connectClient';

const key = makeTokenKey();

/** Tokens for vault `k8s-gitops` of any {@link TestVault}. */
export const tokens = {
  writes: mintConnectToken({ privateKey: key, vaults: { 'k8s-gitops': 'write' } }),
  reads: mintConnectToken({ privateKey: key, vaults: { 'k8s-gitops': 'read' } }),
  expired: mintConnectToken({
    privateKey: key,
    vaults: { 'k8s-gitops': 'read' },
    expires: new Date('2020-01-01T00:00:00Z'),
  }),
};

/** The lab's stand-in for Connect with vaults `k8s-gitops` and `private`. */
export class TestVault {
  private readonly directory = mkdtempSync(join(tmpdir(), 'connect-'));
  private server: RunningServer | undefined;

  async start(items: SeedItem[] = []): Promise<void> {
    const stateFile = join(this.directory, 'vaults.json');
    const vaults = { 'k8s-gitops': items, private: [] };
    this.server = await startConnect({ port: 0, stateFile, tokenKey: publicKeyOf(key), vaults, lagMilliseconds: 40 });
  }

  async stop(): Promise<void> {
    await this.server?.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  get host(): string {
    return `http://127.0.0.1:${this.server?.port ?? 0}`;
  }

  /** What resources are told of it. */
  get place(): { connectHost: string; connectToken: string; vault: string } {
    return { connectHost: this.host, connectToken: tokens.writes, vault: 'k8s-gitops' };
  }

  /** The same Connect, for who does not know of what this program writes at the time: as another stack's program. */
  get elsewhere(): { connectHost: string } {
    return { connectHost: `${this.host}/` };
  }

  async with<T>(work: (client: ConnectClient, vaultId: string) => Promise<T>): Promise<T> {
    const client = new ConnectClient(this.host, tokens.writes, new AbortController().signal, []);
    try {
      return await work(client, await client.vaultId('k8s-gitops'));
    } finally {
      await client.close();
    }
  }

  /** Items of a title, oldest first. */
  items(title: string): Promise<Item[]> {
    return this.with((client, vaultId) => client.itemsTitled(vaultId, title));
  }

  /** The values of the one item of a title, by label; undefined if it is not there. */
  async values(title: string): Promise<Record<string, string | undefined> | undefined> {
    const [item] = await this.items(title);
    return item && Object.fromEntries((item.fields ?? []).map(({ label = '', value }) => [label, value]));
  }

  /** Sets a field as a person would. */
  async write(title: string, label: string, value: string): Promise<void> {
    await this.with(async (client, vaultId) => {
      const [item] = await client.itemsTitled(vaultId, title);
      const others = (item?.fields ?? []).filter((field) => field.label !== label);
      const fields = [...others, { label, value, type: 'CONCEALED' }];
      await (item === undefined
        ? client.createNote(vaultId, title, fields)
        : client.replaceFields(vaultId, item, fields));
    });
  }

  async remove(title: string): Promise<void> {
    await this.with(async (client, vaultId) => {
      for (const item of await client.itemsTitled(vaultId, title)) await client.deleteItem(vaultId, item);
    });
  }
}
