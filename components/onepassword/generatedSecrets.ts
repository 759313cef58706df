import * as pulumi from '@pulumi/pulumi';
import type { ClusterDefinition } from '../../cluster/definition';
import { isSharedItem, managedFields } from '../../cluster/onePasswordFields';
import { GeneratedSecret } from '../../provider/resources/sdk';
import { fieldInputs, type Vault, vaultInputs } from './vault';

export interface GeneratedSecretsArgs {
  definition: ClusterDefinition;
  vault: Vault;
}

/** Random secrets that no service issues. Generates those that 1Password does not have; existing values stay. */
export class GeneratedSecrets extends pulumi.ComponentResource {
  /** When each was generated, ISO 8601. */
  readonly madeAt: Readonly<Record<'webhookToken' | 'backupPassword' | 'tsigSecret', pulumi.Output<string>>>;

  constructor(name: string, args: GeneratedSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
    super('k8s-gitops:onepassword:GeneratedSecrets', name, {}, opts);
    const fields = managedFields(args.definition);
    const inputs = vaultInputs(args.vault);
    // Never deleted: backups, BIND and GitHub also use them.
    const kept = { parent: this, retainOnDelete: true };
    const random = { bytes: 32, encoding: 'base64url' } as const;

    const webhookToken = new GeneratedSecret(
      `${name}-webhook-token`,
      { ...inputs, ...fieldInputs(fields.webhookToken), ...random },
      kept,
    );
    const backupPassword = new GeneratedSecret(
      `${name}-backup-password`,
      { ...inputs, ...fieldInputs(fields.backupPassword), ...random },
      kept,
    );
    const tsigSecret = new GeneratedSecret(
      `${name}-tsig-secret`,
      // BIND and ExternalDNS read the key as base64 (RFC 4648); 32 bytes for HMAC-SHA256.
      {
        ...inputs,
        ...fieldInputs(fields.tsigSecret),
        bytes: 32,
        encoding: 'base64',
        ...(isSharedItem(fields.tsigSecret.title, args.definition.name) && { shared: true }),
      },
      kept,
    );
    this.madeAt = {
      webhookToken: webhookToken.madeAt,
      backupPassword: backupPassword.madeAt,
      tsigSecret: tsigSecret.madeAt,
    };
    this.registerOutputs({});
  }
}
