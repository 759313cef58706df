import * as cloudflare from '@pulumi/cloudflare';
import * as pulumi from '@pulumi/pulumi';
import type { ClusterWithCloudflare } from '../../cluster/definition';
import { tunnelHost, tunnelName, tunnelRecords, tunnelToken, zoneSettings } from '../../cluster/tunnel';
import { type CloudflareField, managedFields } from '../../cluster/onePasswordFields';
import { GeneratedSecret, OnePasswordItem, Tunnel } from '../../provider/resources/sdk';
import { fieldInputs, type Vault, vaultInputs } from '../onepassword/vault';
import { accessApplication } from './access';
import { zoneTokens } from './zoneTokens';
import { findZone } from './zone';

export interface CloudflareTunnelArgs {
  definition: ClusterWithCloudflare;
  vault: Vault;
  /** The API token that creates these resources. Secret. */
  apiToken: pulumi.Output<string>;
}

/**
 * Public access to the cluster: the tunnel, its hostnames, the API tokens of cert-manager and ExternalDNS and, if the
 * cluster owns the zone, the zone's settings. Git configures the tunnel's ingress; ExternalDNS creates the records of
 * applications.
 */
export class CloudflareTunnel extends pulumi.ComponentResource {
  /** When the secrets of the tunnel were generated and Cloudflare issued the tokens, ISO 8601. */
  readonly madeAt: Readonly<Record<CloudflareField, pulumi.Output<string>>>;

  constructor(name: string, args: CloudflareTunnelArgs, opts?: pulumi.ComponentResourceOptions) {
    super(
      'k8s-gitops:cloudflare:CloudflareTunnel',
      name,
      {},
      pulumi.mergeOptions(opts ?? {}, { aliases: [{ type: 'k8s-gitops:cloudflare:Edge' }] }),
    );
    const { definition, vault } = args;
    const fields = managedFields(definition);
    const provider = new cloudflare.Provider(name, { apiToken: args.apiToken }, { parent: this });
    const child = { parent: this, provider };
    const zone = findZone(definition, child);
    const { accountId, zoneId } = zone;

    const { tunnel: rotation } = definition.rotations;
    const secret = new GeneratedSecret(
      `${name}-tunnel-secret`,
      {
        ...vaultInputs(vault),
        ...fieldInputs(fields.tunnelSecret),
        // Cloudflare's minimum length and its encoding.
        bytes: 32,
        encoding: 'base64',
        ...(rotation !== undefined && { rotation }),
      },
      { parent: this },
    );
    const tunnel = new Tunnel(
      name,
      {
        apiToken: pulumi.secret(args.apiToken),
        accountId,
        name: tunnelName(definition),
        tunnelSecret: pulumi.secret(secret.value),
      },
      { parent: this },
    );
    for (const { resource, ...record } of tunnelRecords(definition)) {
      new cloudflare.DnsRecord(
        `${name}-${resource.name}`,
        { zoneId, ...record, content: tunnel.id.apply(tunnelHost) },
        { ...child, aliases: [{ name: `${name}-${resource.formerly}` }] },
      );
    }
    if (definition.cloudflare.ownsZone) {
      for (const [settingId, value] of Object.entries(zoneSettings)) {
        // Cloudflare keeps the values either way, and the zone is safer with them.
        new cloudflare.ZoneSetting(
          `${name}-${settingId}`,
          { zoneId, settingId, value },
          { ...child, retainOnDelete: true },
        );
      }
    }

    const tokens = zoneTokens(name, { definition, zoneId }, child);
    this.madeAt = {
      tunnelSecret: secret.madeAt,
      // Derived from the secret.
      tunnelToken: secret.madeAt,
      certManagerToken: tokens['cert-manager'].issuedOn,
      externalDnsToken: tokens['external-dns'].issuedOn,
    };
    const token = pulumi.all([accountId, tunnel.id, secret.value]).apply((parts) => tunnelToken(...parts));
    for (const [field, value] of [
      [fields.tunnelToken, token],
      [fields.certManagerToken, tokens['cert-manager'].value],
      [fields.externalDnsToken, tokens['external-dns'].value],
    ] as const) {
      new OnePasswordItem(
        `${name}-${field.title.split('/').at(-1)}`,
        { ...vaultInputs(vault), title: field.title, fields: { [field.field]: pulumi.secret(value) } },
        { parent: this },
      );
    }
    accessApplication(name, { definition, accountId }, child);
    this.registerOutputs({});
  }
}
