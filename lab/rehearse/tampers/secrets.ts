import { ConnectClient, type ItemField } from '../../../clients/onepassword/connectClient';
import { managedFields } from '../../../cluster/onePasswordFields';
import type { OnePasswordField } from '../../../cluster/secretCategories';
import type { Tamper } from '../tamper';
import type { Undo } from '../undo';
import { required, type World } from '../world';
import { place } from './kubernetes';

/** What someone does to secrets: in the vault, and in the cluster. */
export function secretTampers(world: World): Tamper[] {
  const { definition } = world.stack;
  const { connect } = definition;
  const fields = managedFields(definition);
  const item = ({ title }: Pick<OnePasswordField, 'title'>): string => `item ${title}`;
  const edited = (
    name: string,
    at: OnePasswordField,
    edit: (fields: ItemField[]) => ItemField[],
    field?: string,
    couldNotTell: Tamper['couldNotTell'] = [],
  ): Tamper => ({
    name: `secrets-${name}`,
    layer: 'secrets',
    expect: [{ layer: 'secrets', object: item(at), ...(field && { field }) }],
    couldNotTell,
    apply: () => editItem(world, at.title, edit),
  });
  const other =
    ({ field }: OnePasswordField) =>
    (all: ItemField[]): ItemField[] =>
      all.map((one) => (one.label === field ? { ...one, value: `${one.value}x` } : one));
  const without =
    ({ field }: OnePasswordField) =>
    (all: ItemField[]): ItemField[] =>
      all.filter(({ label }) => label !== field);
  // The program reads them: without, no preview.
  const needed = ['pulumi'] as const;
  const store = place(
    'external-secrets.io/v1',
    'clustersecretstores',
    'ClusterSecretStore',
    world.stack.settings.EXTERNAL_SECRET_STORE ?? '',
  );
  const token = place('v1', 'secrets', 'Secret', `external-secrets/${connect.tokenSecret}`);
  return [
    edited('kubeconfig-changed', fields.kubeconfig, other(fields.kubeconfig), fields.kubeconfig.field),
    edited('talosconfig-removed', fields.talosconfig, without(fields.talosconfig), fields.talosconfig.field),
    edited(
      'machine-secrets-changed',
      fields.machineSecrets,
      other(fields.machineSecrets),
      fields.machineSecrets.field,
      needed,
    ),
    edited('cilium-ca-removed', fields.ciliumCa, without(fields.ciliumCa), fields.ciliumCa.field, needed),
    {
      name: 'secrets-item-deleted',
      layer: 'secrets',
      expect: [{ layer: 'secrets', object: item(fields.talosconfig) }],
      apply: () => deleteItem(world, fields.talosconfig.title),
    },
    {
      name: 'secrets-seeded-token-changed',
      layer: 'secrets',
      expect: [{ layer: 'secrets', object: token.object, field: 'data.token' }],
      apply: () => world.patch(token.path, { data: { token: Buffer.from(world.unique).toString('base64') } }),
    },
    {
      name: 'secrets-store-broken',
      layer: 'secrets',
      expect: [{ layer: 'flux', object: store.object, field: 'spec.provider.onepassword.connectHost' }],
      apply: () =>
        world.patch(store.path, { spec: { provider: { onepassword: { connectHost: 'https://connect.invalid' } } } }),
    },
  ];
}

/** Edits the fields of an item as a person does in 1Password; undoing puts all of them back. */
async function editItem(world: World, title: string, edit: (fields: ItemField[]) => ItemField[]): Promise<Undo> {
  return inVault(world, async (client, vault) => {
    const [item] = await client.itemsByTitle(vault, title);
    if (item === undefined) throw new Error(`the vault has no item ${title}`);
    const before = item.fields ?? [];
    await client.replaceFields(vault, item, edit(before));
    return () =>
      inVault(world, async (again) => {
        const [now] = await again.itemsByTitle(vault, title);
        if (now !== undefined) await again.replaceFields(vault, now, before);
      });
  });
}

async function deleteItem(world: World, title: string): Promise<Undo> {
  return inVault(world, async (client, vault) => {
    const [item] = await client.itemsByTitle(vault, title);
    if (item === undefined) throw new Error(`the vault has no item ${title}`);
    await client.deleteItem(vault, item);
    return () => inVault(world, async (again) => void (await again.createNote(vault, title, item.fields ?? [])));
  });
}

async function inVault<T>({ stack }: World, work: (client: ConnectClient, vault: string) => Promise<T>): Promise<T> {
  const { host, vault } = stack.definition.connect;
  const { connectWriteToken } = required(stack.secrets, 'the secrets of the stack');
  const client = new ConnectClient(host, connectWriteToken, stack.signal);
  try {
    return await work(client, await client.vaultId(vault));
  } finally {
    await client.close();
  }
}
