import * as pulumi from '@pulumi/pulumi';
import type { ClusterDefinition } from '../../cluster/definition';
import type { GeneratedField } from '../../cluster/generatedFields';
import { isSharedItem, managedFields } from '../../cluster/onePasswordFields';
import { GeneratedSecret } from '../../provider/resources/sdk';
import { fieldInputs, type Vault, vaultInputs } from './vault';

export interface GeneratedSecretsArgs {
  definition: ClusterDefinition;
  vault: Vault;
}

/**
 * Random secrets that no service issues, as far as the cluster needs them. Generates those that 1Password does not have;
 * existing values stay.
 */
export class GeneratedSecrets extends pulumi.ComponentResource {
  /** When each was generated, ISO 8601. */
  readonly madeAt: Readonly<Partial<Record<GeneratedField, pulumi.Output<string>>>>;

  constructor(name: string, args: GeneratedSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
    super('k8s-gitops:onepassword:GeneratedSecrets', name, {}, opts);
    const fields = managedFields(args.definition);
    const inputs = vaultInputs(args.vault);
    // Never deleted: backups, BIND, GitHub and other clusters also use them.
    const kept = { parent: this, retainOnDelete: true };
    const random = { bytes: 32, encoding: 'base64url' } as const;
    const rsa = { bytes: 256, encoding: 'rsa-key' } as const;
    const secrets = {
      webhookToken: { name: 'webhook-token', ...random },
      backupPassword: { name: 'backup-password', ...random },
      // BIND and ExternalDNS read the key as base64 (RFC 4648); 32 bytes for HMAC-SHA256.
      tsigSecret: { name: 'tsig-secret', bytes: 32, encoding: 'base64' },
      metricsWriter: { name: 'metrics-writer', ...random },
      logsWriter: { name: 'logs-writer', ...random },
      alertsWriter: { name: 'alerts-writer', ...random },
      tracesWriter: { name: 'traces-writer', ...random },
      storeReader: { name: 'store-reader', ...random },
      grafanaAdmin: { name: 'grafana-admin', ...random },
      keycloakDatabase: { name: 'keycloak-database', ...random },
      harborDatabase: { name: 'harbor-database', ...random },
      gitlabDatabase: { name: 'gitlab-database', ...random },
      dragonflyPassword: { name: 'dragonfly', ...random },
      harborAdmin: { name: 'harbor-admin', ...random },
      harborEncryption: { name: 'harbor-encryption', ...random },
      harborInternal: { name: 'harbor-internal', ...random },
      harborTokenKey: { name: 'harbor-token-key', ...rsa },
      gitlabRoot: { name: 'gitlab-root', ...random },
      gitlabEncryption: { name: 'gitlab-encryption', ...random },
      gitlabInternal: { name: 'gitlab-internal', ...random },
      gitlabSigningKey: { name: 'gitlab-signing-key', ...rsa },
      keycloakAdmin: { name: 'keycloak-admin', ...random },
      keycloakClientGitlab: { name: 'keycloak-client-gitlab', ...random },
      keycloakClientGrafana: { name: 'keycloak-client-grafana', ...random },
      keycloakClientHarbor: { name: 'keycloak-client-harbor', ...random },
    } as const satisfies Record<GeneratedField, object>;
    const { name: cluster, writersOfOthers } = args.definition;

    this.madeAt = Object.fromEntries(
      args.definition.generated.map((key) => {
        const { name: suffix, ...format } = secrets[key];
        const shared = isSharedItem(fields[key].title, cluster) ? { shared: true } : {};
        const secret = new GeneratedSecret(
          `${name}-${suffix}`,
          { ...inputs, ...fieldInputs(fields[key]), ...format, ...shared },
          kept,
        );
        return [key, secret.madeAt];
      }),
    );
    for (const { title, field } of writersOfOthers) {
      const owner = title.split('/')[1] ?? '';
      new GeneratedSecret(
        `${name}-${owner}-${field.replace(/-password$/, '')}`,
        { ...inputs, title, field, ...random, shared: true },
        kept,
      );
    }
    this.registerOutputs({});
  }
}
