import * as pulumi from '@pulumi/pulumi';
import { ciliumCa } from '../../cluster/bootstrapOrder';
import { GeneratedCertificateAuthority } from '../../provider/resources/sdk';
import { type Vault, vaultInputs } from './vault';

export interface CiliumCertificateAuthorityArgs {
  vault: Vault;
  /** Label of the rotation that it must not be older than. */
  rotation: string | undefined;
}

/** The CA that Cilium's certificates of all clusters come from, made once and kept in 1Password. */
export class CiliumCertificateAuthority extends pulumi.ComponentResource {
  /** PEM. */
  readonly certificate: pulumi.Output<string>;
  /** PEM. Secret. */
  readonly privateKey: pulumi.Output<string>;
  /** PEM: the certificate and, after a rotation, the one before it, which certificates in use may still come from. */
  readonly bundle: pulumi.Output<string>;

  constructor(name: string, args: CiliumCertificateAuthorityArgs, opts?: pulumi.ComponentResourceOptions) {
    super('k8s-gitops:onepassword:CiliumCertificateAuthority', name, {}, opts);
    const authority = new GeneratedCertificateAuthority(
      `${name}-cilium-ca`,
      { ...vaultInputs(args.vault), ...ciliumCa, ...(args.rotation !== undefined && { rotation: args.rotation }) },
      // Other clusters have it too.
      { parent: this, retainOnDelete: true },
    );
    this.certificate = authority.certificate;
    this.privateKey = pulumi.secret(authority.privateKey);
    this.bundle = authority.bundle;
    this.registerOutputs({ certificate: this.certificate, privateKey: this.privateKey, bundle: this.bundle });
  }
}
