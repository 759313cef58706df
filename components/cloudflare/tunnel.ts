import * as cloudflare from '@pulumi/cloudflare';
import * as pulumi from '@pulumi/pulumi';
import type { ClusterDefinition } from '../../cluster/definition';
import { tunnelHostnames, tunnelHost, tunnelName, tunnelToken, zoneSettings } from '../../cluster/tunnel';
import { managedFields } from '../../cluster/vaultFields';
import { OnePasswordItem, GeneratedSecret } from '../../provider/resources/sdk';
import { fieldInputs, type Vault, vaultInputs } from '../onepassword/vault';
import { accessApplication } from './access';
import { zoneTokens } from './zoneTokens';
import { findZone } from './zone';

export interface CloudflareTunnelArgs {
  definition: ClusterDefinition;
  vault: Vault;
  /** The API token that makes all of it. Secret. */
  apiToken: pulumi.Output<string>;
}

/**
 * How the public reaches the cluster: its tunnel, the name that leads into it, the tokens of who writes into the zone,
 * and for the zone's owner the zone's settings. What goes through the tunnel is in Git; the names of applications are
 * ExternalDNS's.
 */
export class CloudflareTunnel extends pulumi.ComponentResource {
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
        // The least that Cloudflare takes, in its encoding.
        bytes: 32,
        encoding: 'base64',
        ...(rotation !== undefined && { rotation }),
      },
      { parent: this },
    );
    const tunnel = new cloudflare.ZeroTrustTunnelCloudflared(
      name,
      // Its ingress is in Git, not in Cloudflare.
      { accountId, name: tunnelName(definition), configSrc: 'local', tunnelSecret: secret.value },
      child,
    );
    const { cluster: own, zone: shared } = tunnelHostnames(definition);
    const pointToTunnel = (resource: string, formerly: string, record: string) =>
      new cloudflare.DnsRecord(
        `${name}-${resource}`,
        {
          zoneId,
          name: record,
          type: 'CNAME',
          content: tunnel.id.apply(tunnelHost),
          proxied: true,
          // Automatic, the only one that a proxied record has.
          ttl: 1,
          comment: `Pulumi, stack ${definition.name}`,
        },
        { ...child, aliases: [{ name: `${name}-${formerly}` }] },
      );
    pointToTunnel('hostname', 'anchor', own);
    if (shared !== undefined) {
      pointToTunnel('zone-hostname', 'zone-anchor', shared);
      for (const [settingId, value] of Object.entries(zoneSettings)) {
        // Cloudflare keeps them whoever forgets them, and a zone is better off with them.
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
