import type * as pulumi from '@pulumi/pulumi';
import type { ClusterDefinition } from '../../cluster/definition';
import type { OnePasswordField } from '../../cluster/secretCategories';

/** The 1Password vault, with write access. */
export interface Vault {
  connect: ClusterDefinition['connect'];
  /** The Connect token with write access. Secret. */
  writeToken: pulumi.Output<string>;
}

/** The inputs that all 1Password resources share. */
export function vaultInputs({ connect, writeToken }: Vault) {
  return { connectHost: connect.host, connectToken: writeToken, vault: connect.vault };
}

/** The inputs that identify a field. */
export function fieldInputs({ title, field }: OnePasswordField) {
  return { title, field };
}
