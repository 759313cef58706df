import * as pulumi from '@pulumi/pulumi';
import type { ClusterDefinition } from '../../cluster/definition';
import { managedFields } from '../../cluster/onePasswordFields';
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

/** The kubeconfig and talosconfig in 1Password, for people and in case the stack's state is lost. */
export class ClusterAccess extends pulumi.ComponentResource {
  constructor(name: string, args: ClusterAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super('k8s-gitops:onepassword:ClusterAccess', name, {}, opts);
    const { kubeconfig, talosconfig } = managedFields(args.definition);
    // `destroy` leaves the cluster running, and people still need access to it.
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
