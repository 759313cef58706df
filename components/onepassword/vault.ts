import type * as pulumi from '@pulumi/pulumi';
import type { ClusterDefinition } from '../../cluster/definition';
import type { VaultField } from '../../cluster/vaultFields';

/** The vault and the right to write into it. */
export interface Vault {
  connect: ClusterDefinition['connect'];
  /** The Connect token that may write. Secret. */
  writeToken: pulumi.Output<string>;
}

/** What every resource in the vault is told of it. */
export function vaultInputs({ connect, writeToken }: Vault) {
  return { connectHost: connect.host, connectToken: writeToken, vault: connect.vault };
}

/** One field of one item, by the names that the resources give them. */
export function fieldInputs({ title, field }: VaultField) {
  return { title, field };
}
