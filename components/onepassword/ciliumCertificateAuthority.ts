import * as pulumi from '@pulumi/pulumi';
import { ciliumCa } from '../../cluster/bootstrapOrder';
import { GeneratedCertificateAuthority } from '../../provider/resources/sdk';
import { type Vault, vaultInputs } from './vault';

export interface CiliumCertificateAuthorityArgs {
  vault: Vault;
  /** Rotation label; an older CA is regenerated. */
  rotation: string | undefined;
}

/** The CA of Cilium's certificates in all clusters, generated once and stored in 1Password. */
export class CiliumCertificateAuthority extends pulumi.ComponentResource {
  /** PEM. */
  readonly certificate: pulumi.Output<string>;
  /** PEM. Secret. */
  readonly privateKey: pulumi.Output<string>;
  /** PEM: the certificate and, after a rotation, the previous one, whose certificates may still be in use. */
  readonly bundle: pulumi.Output<string>;
  /** ISO 8601. */
  readonly madeAt: pulumi.Output<string>;

  constructor(name: string, args: CiliumCertificateAuthorityArgs, opts?: pulumi.ComponentResourceOptions) {
    super('k8s-gitops:onepassword:CiliumCertificateAuthority', name, {}, opts);
    const authority = new GeneratedCertificateAuthority(
      `${name}-cilium-ca`,
      { ...vaultInputs(args.vault), ...ciliumCa, ...(args.rotation !== undefined && { rotation: args.rotation }) },
      // Other clusters also use it.
      { parent: this, retainOnDelete: true },
    );
    this.certificate = authority.certificate;
    this.privateKey = pulumi.secret(authority.privateKey);
    this.bundle = authority.bundle;
    this.madeAt = authority.madeAt;
    this.registerOutputs({ certificate: this.certificate, privateKey: this.privateKey, bundle: this.bundle });
  }
}
