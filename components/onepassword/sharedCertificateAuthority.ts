import * as pulumi from '@pulumi/pulumi';
import { type SharedAuthority, sharedAuthorities } from '../../cluster/bootstrapOrder';
import { GeneratedCertificateAuthority } from '../../provider/resources/sdk';
import { type Vault, vaultInputs } from './vault';

export interface SharedCertificateAuthorityArgs {
  authority: SharedAuthority;
  vault: Vault;
  /** Rotation label; an older CA is regenerated. */
  rotation: string | undefined;
}

/** What states call each CA: its type, and the end of its name. */
const stateNames = {
  observabilityCa: { type: 'ObservabilityCertificateAuthority', suffix: 'observability-ca' },
  servicesCa: { type: 'ServicesCertificateAuthority', suffix: 'services-ca' },
} as const satisfies Record<SharedAuthority, object>;

/**
 * A CA that all clusters share, generated once and stored in 1Password: from there, external-secrets gives its certificate to
 * callers, and its key to cert-manager where something serves.
 */
export class SharedCertificateAuthority extends pulumi.ComponentResource {
  /** ISO 8601. */
  readonly madeAt: pulumi.Output<string>;

  constructor(name: string, args: SharedCertificateAuthorityArgs, opts?: pulumi.ComponentResourceOptions) {
    const { type, suffix } = stateNames[args.authority];
    super(`k8s-gitops:onepassword:${type}`, name, {}, opts);
    const { authority, vault, rotation } = args;
    const generated = new GeneratedCertificateAuthority(
      `${name}-${suffix}`,
      { ...vaultInputs(vault), ...sharedAuthorities[authority], ...(rotation !== undefined && { rotation }) },
      // Other clusters also use it.
      { parent: this, retainOnDelete: true },
    );
    this.madeAt = generated.madeAt;
    this.registerOutputs({});
  }
}
