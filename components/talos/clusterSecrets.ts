import * as pulumi from '@pulumi/pulumi';
import * as talos from '@pulumiverse/talos';
import { type ClusterDefinition, nodeDialAddress } from '../../cluster/definition';
import { managedFields } from '../../cluster/onePasswordFields';
import { MachineSecrets, TalosIdentity } from '../../provider/resources/sdk';
import { fieldInputs, type Vault, vaultInputs } from '../onepassword/vault';

export interface ClusterSecretsArgs {
  definition: ClusterDefinition;
  vault: Vault;
}

/** What {@link clusterSecrets} returns. */
export interface ClusterSecrets {
  /** Secret. */
  machineSecrets: pulumi.Output<talos.types.MachineSecrets>;
  /** Credentials of the Talos API. Secret. */
  clientConfiguration: pulumi.Output<talos.types.ClientConfiguration>;
  /** The Talos version when the cluster was made. */
  talosVersion: pulumi.Output<string>;
}

/**
 * The cluster's machine secrets, which are in the vault before any machine is configured, and an identity for the Talos API.
 * The Talos provider generates secrets in any case; they are those of the cluster only if the vault had none.
 */
export function clusterSecrets(
  name: string,
  { definition, vault }: ClusterSecretsArgs,
  options: pulumi.CustomResourceOptions,
): ClusterSecrets {
  // Not `protect`, which would make every `pulumi destroy` of the stack fail immediately.
  const kept = { ...options, retainOnDelete: true };
  const generated = new talos.machine.Secrets(
    name,
    { talosVersion: definition.versions.talos },
    // A lower version would replace them, and with them the cluster.
    { ...kept, ignoreChanges: ['talosVersion'] },
  );
  const secrets = new MachineSecrets(
    name,
    {
      ...vaultInputs(vault),
      ...fieldInputs(managedFields(definition).machineSecrets),
      generated: pulumi.secret(generated.machineSecrets),
      talosVersion: generated.talosVersion,
      machines: definition.nodes.map((node) => ({
        name: node.name,
        node: node.address,
        endpoint: nodeDialAddress(definition, node),
      })),
    },
    kept,
  );
  const machineSecrets = pulumi.secret(secrets.machineSecrets);
  const identity = new TalosIdentity(
    name,
    { certificateAuthority: pulumi.secret(machineSecrets.apply(({ certs }) => certs.os)) },
    options,
  );
  return {
    machineSecrets,
    clientConfiguration: pulumi.secret(identity.clientConfiguration),
    talosVersion: secrets.talosVersion,
  };
}
