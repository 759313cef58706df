import * as pulumi from '@pulumi/pulumi';
import type { ClusterDefinition } from '../../cluster/definition';
import { managedFields } from '../../cluster/vaultFields';
import { OnePasswordItem } from '../../provider/resources/sdk';
import { type Vault, vaultInputs } from './vault';

export interface ClusterAccessArgs {
  definition: ClusterDefinition;
  vault: Vault;
  /** Secret. */
  kubeconfig: pulumi.Output<string>;
  /** Secret. */
  talosconfig: pulumi.Output<string>;
}

/** The ways into a cluster, kept in 1Password: for people, and for the day when the stack's state is lost. */
export class ClusterAccess extends pulumi.ComponentResource {
  constructor(name: string, args: ClusterAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super('k8s-gitops:onepassword:ClusterAccess', name, {}, opts);
    const { kubeconfig, talosconfig } = managedFields(args.definition);
    // `destroy` leaves the cluster running: whoever must get into it needs them then.
    const kept = { parent: this, retainOnDelete: true };
    for (const [field, value] of [
      [kubeconfig, args.kubeconfig],
      [talosconfig, args.talosconfig],
    ] as const) {
      new OnePasswordItem(
        `${name}-${field.field}`,
        { ...vaultInputs(args.vault), title: field.title, fields: { [field.field]: pulumi.secret(value) } },
        kept,
      );
    }
    this.registerOutputs({});
  }
}
