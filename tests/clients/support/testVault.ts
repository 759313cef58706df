import { ConnectClient, type Item } from '../../../clients/onepassword/connectClient';
import { FakeConnect, tokens, type SeedItem } from './fakeConnect';

export { tokens };

/** Vault `k8s-gitops` of a {@link FakeConnect}, with the operations that tests need. */
export class TestVault {
  private connect: FakeConnect | undefined;

  async start(items: readonly SeedItem[] = []): Promise<void> {
    this.connect = await FakeConnect.start(items);
  }

  async stop(): Promise<void> {
    await this.connect?.stop();
  }

  get host(): string {
    if (this.connect === undefined) throw new Error('call start first');
    return this.connect.host;
  }

  /** The inputs of a resource that locate the vault. */
  get location(): { connectHost: string; connectToken: string; vault: string } {
    return { connectHost: this.host, connectToken: tokens.writes, vault: 'k8s-gitops' };
  }

  /**
   * Another URL of the same Connect: writes through it are not serialized with others, like those of another program.
   */
  get otherWriter(): { connectHost: string } {
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

  /** The items with a title, the oldest first. */
  items(title: string): Promise<Item[]> {
    return this.with((client, vaultId) => client.itemsByTitle(vaultId, title));
  }

  /** The values of the only item with a title, by label; undefined if it does not exist. */
  async values(title: string): Promise<Record<string, string | undefined> | undefined> {
    const [item] = await this.items(title);
    return item && Object.fromEntries((item.fields ?? []).map(({ label = '', value }) => [label, value]));
  }

  /** Sets a field as a person would. */
  async write(title: string, label: string, value: string): Promise<void> {
    await this.with(async (client, vaultId) => {
      const [item] = await client.itemsByTitle(vaultId, title);
      const others = (item?.fields ?? []).filter((field) => field.label !== label);
      const fields = [...others, { label, value, type: 'CONCEALED' }];
      await (item === undefined
        ? client.createNote(vaultId, title, fields)
        : client.replaceFields(vaultId, item, fields));
    });
  }

  async remove(title: string): Promise<void> {
    await this.with(async (client, vaultId) => {
      for (const item of await client.itemsByTitle(vaultId, title)) await client.deleteItem(vaultId, item);
    });
  }
}
