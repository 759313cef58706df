import * as pulumi from '@pulumi/pulumi';
import { ciliumCa } from '../../cluster/bootstrapOrder';
import type { ClusterDefinition } from '../../cluster/definition';
import { VaultCertificateAuthority } from '../../provider/resources';

export interface CiliumCertificateAuthorityArgs {
  connect: ClusterDefinition['connect'];
  /** The token that may write. Secret. */
  connectWriteToken: pulumi.Input<string>;
}

/** The CA that Cilium's certificates of all clusters come from, made once and kept in 1Password. */
export class CiliumCertificateAuthority extends pulumi.ComponentResource {
  /** PEM. */
  readonly certificate: pulumi.Output<string>;
  /** PEM. Secret. */
  readonly privateKey: pulumi.Output<string>;

  constructor(name: string, args: CiliumCertificateAuthorityArgs, opts?: pulumi.ComponentResourceOptions) {
    super('k8s-gitops:onepassword:CiliumCertificateAuthority', name, {}, opts);
    const authority = new VaultCertificateAuthority(
      `${name}-cilium-ca`,
      {
        connectHost: args.connect.host,
        connectToken: pulumi.secret(args.connectWriteToken),
        vault: args.connect.vault,
        ...ciliumCa,
      },
      { parent: this },
    );
    this.certificate = authority.certificate;
    this.privateKey = pulumi.secret(authority.privateKey);
    this.registerOutputs({ certificate: this.certificate, privateKey: this.privateKey });
  }
}
