import * as cloudflare from '@pulumi/cloudflare';
import * as pulumi from '@pulumi/pulumi';
import type { ClusterDefinition } from '../../cluster/definition';
import { tunnelHostnames, tunnelHost, tunnelName, tunnelToken, zoneSettings } from '../../cluster/tunnel';
import { managedFields } from '../../cluster/onePasswordFields';
import { GeneratedSecret, OnePasswordItem, Tunnel } from '../../provider/resources/sdk';
import { fieldInputs, type Vault, vaultInputs } from '../onepassword/vault';
import { accessApplication } from './access';
import { zoneTokens } from './zoneTokens';
import { findZone } from './zone';

export interface CloudflareTunnelArgs {
  definition: ClusterDefinition;
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
  /** When the tunnel's secret was generated, ISO 8601. */
  readonly secretMadeAt: pulumi.Output<string>;

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
    this.secretMadeAt = secret.madeAt;
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
    const { cluster: clusterHostname, zone: zoneHostname } = tunnelHostnames(definition);
    const pointToTunnel = (resource: string, formerName: string, hostname: string) =>
      new cloudflare.DnsRecord(
        `${name}-${resource}`,
        {
          zoneId,
          name: hostname,
          type: 'CNAME',
          content: tunnel.id.apply(tunnelHost),
          proxied: true,
          // Automatic, the only TTL for a proxied record.
          ttl: 1,
          comment: `Pulumi, stack ${definition.name}`,
        },
        { ...child, aliases: [{ name: `${name}-${formerName}` }] },
      );
    pointToTunnel('hostname', 'anchor', clusterHostname);
    if (zoneHostname !== undefined) {
      pointToTunnel('zone-hostname', 'zone-anchor', zoneHostname);
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
    const token = pulumi.all([accountId, tunnel.id, secret.value]).apply((parts) => tunnelToken(...parts));
    for (const [field, value] of [
      [fields.tunnelToken, token],
      [fields.certManagerToken, tokens.certManager],
      [fields.externalDnsToken, tokens.externalDns],
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
