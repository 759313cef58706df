/**
 * Type tokens of our resources. State files contain them: if you rename one, add the old token to {@link formerTokens}.
 */
export const tokens = {
  etcdBootstrap: 'platform:index:EtcdBootstrap',
  customResourceDefinitions: 'platform:index:CustomResourceDefinitions',
  bootstrapRelease: 'platform:index:BootstrapRelease',
  handover: 'platform:index:Handover',
  generatedCertificateAuthority: 'platform:index:GeneratedCertificateAuthority',
  generatedSecret: 'platform:index:GeneratedSecret',
  onePasswordItem: 'platform:index:OnePasswordItem',
  tunnel: 'platform:index:Tunnel',
  phaseStart: 'platform:index:PhaseStart',
} as const;

/** Tokens in older state files, and their current tokens. A type of another provider is only taken over. */
export const formerTokens: Readonly<Record<string, string>> = {
  'platform:index:VaultCertificateAuthority': tokens.generatedCertificateAuthority,
  'platform:index:VaultSecret': tokens.generatedSecret,
  'platform:index:VaultItem': tokens.onePasswordItem,
  'cloudflare:index/zeroTrustTunnelCloudflared:ZeroTrustTunnelCloudflared': tokens.tunnel,
};
