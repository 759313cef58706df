import { loadTree } from '../../cli/validate/loadTree';
import { managedFields } from '../../cluster/onePasswordFields';
import { ConnectClient } from '../../clients/onepassword/connectClient';
import type { LabContext } from '../context';
import type { SeedItem } from '../services/connect/types';
import { vaultsOf } from './labSecrets';
import { vaultItems } from './vaultItems';

/**
 * Creates in the Connect stand-in what people would enter into 1Password by hand: every item and field that an
 * ExternalSecret of the tree reads and the program does not generate, with random values. Existing fields keep their
 * values.
 */
export async function fillVaults(
  ctx: LabContext,
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const tree = await loadTree({ root: ctx.root, renderer: ctx.tool('flux-render'), onProgress: progress });
  const client = new ConnectClient(`http://127.0.0.1:${ctx.port('connect')}`, ctx.secrets.connectWriteToken, signal);
  try {
    for (const vault of vaultsOf(ctx.clusters)) {
      const users = ctx.clusters.filter(({ settings }) => settings.ONEPASSWORD_VAULT === vault);
      const names = new Set(users.map(({ name }) => name));
      const objects = tree.clusters
        .filter(({ name }) => names.has(name))
        .flatMap((cluster) => cluster.objects.map(({ object }) => object));
      const generated = users.flatMap(({ name, settings: { BIND_TSIG_SECRET_PATH: tsigItem = '' } }) =>
        Object.values(managedFields({ name, tsigItem })),
      );
      const items = vaultItems(objects, generated);
      const vaultId = await client.vaultId(vault);
      let changed = 0;
      for (const item of items) changed += (await fill(client, vaultId, item)) ? 1 : 0;
      if (changed > 0) progress(`1Password (stand-in): filled ${changed} item(s) in vault ${vault}`);
    }
  } finally {
    await client.close();
  }
}

/** Creates an item or adds its missing fields. Returns whether anything changed. */
async function fill(client: ConnectClient, vaultId: string, { title, fields }: SeedItem): Promise<boolean> {
  const [existing] = await client.itemsByTitle(vaultId, title);
  const before = existing === undefined ? [] : ((await client.item(vaultId, existing.id)).fields ?? []);
  const missing = Object.entries(fields).filter(([label]) => !before.some((field) => field.label === label));
  if (missing.length === 0) return false;
  const added = missing.map(([label, value]) => ({ label, value, type: 'CONCEALED' }));
  if (existing !== undefined) await client.deleteItem(vaultId, existing);
  await client.createNote(vaultId, title, [...before, ...added]);
  return true;
}
