import { loadTree } from '../../cli/validate/loadTree';
import { managedFields } from '../../cluster/vaultFields';
import { ConnectClient } from '../../clients/onepassword/connectClient';
import type { LabContext } from '../context';
import type { SeedItem } from '../services/connect/types';
import { vaultsOf } from './labSecrets';
import { vaultItems } from './vaultItems';

/**
 * Puts into the Connect stand-in what people would have put into 1Password by hand: every item and field that an
 * ExternalSecret of the tree reads and the program does not make, with made-up values. What is there already keeps its
 * value.
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
      const byProgram = users.flatMap(({ name, settings: { BIND_TSIG_SECRET_PATH: tsigItem = '' } }) =>
        Object.values(managedFields({ name, tsigItem })),
      );
      const items = vaultItems(objects, byProgram);
      const vaultId = await client.vaultId(vault);
      let made = 0;
      for (const item of items) made += (await fill(client, vaultId, item)) ? 1 : 0;
      if (made > 0) progress(`1Password (stand-in): ${made} item(s) made up in vault ${vault}`);
    }
  } finally {
    await client.close();
  }
}

/** Makes one item, or gives it the fields that it lacks; whether anything changed. */
async function fill(client: ConnectClient, vaultId: string, { title, fields }: SeedItem): Promise<boolean> {
  const [known] = await client.itemsTitled(vaultId, title);
  const before = known === undefined ? [] : ((await client.item(vaultId, known.id)).fields ?? []);
  const missing = Object.entries(fields).filter(([label]) => !before.some((field) => field.label === label));
  if (missing.length === 0) return false;
  const added = missing.map(([label, value]) => ({ label, value, type: 'CONCEALED' }));
  if (known !== undefined) await client.deleteItem(vaultId, known);
  await client.createNote(vaultId, title, [...before, ...added]);
  return true;
}
