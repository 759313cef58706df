import * as pulumi from '@pulumi/pulumi';
import { observabilityCa } from '../../cluster/bootstrapOrder';
import { GeneratedCertificateAuthority } from '../../provider/resources/sdk';
import { type Vault, vaultInputs } from './vault';

export interface ObservabilityCertificateAuthorityArgs {
  vault: Vault;
  /** Rotation label; an older CA is regenerated. */
  rotation: string | undefined;
}

/**
 * The CA of the front door of the cluster that stores, generated once and stored in 1Password: from there, external-secrets
 * gives its certificate to whatever sends, and its key to cert-manager on the cluster that stores.
 */
export class ObservabilityCertificateAuthority extends pulumi.ComponentResource {
  /** ISO 8601. */
  readonly madeAt: pulumi.Output<string>;

  constructor(name: string, args: ObservabilityCertificateAuthorityArgs, opts?: pulumi.ComponentResourceOptions) {
    super('k8s-gitops:onepassword:ObservabilityCertificateAuthority', name, {}, opts);
    const { vault, rotation } = args;
    const authority = new GeneratedCertificateAuthority(
      `${name}-observability-ca`,
      { ...vaultInputs(vault), ...observabilityCa, ...(rotation !== undefined && { rotation }) },
      // Other clusters also use it.
      { parent: this, retainOnDelete: true },
    );
    this.madeAt = authority.madeAt;
    this.registerOutputs({});
  }
}
