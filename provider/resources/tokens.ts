/**
 * Type tokens of our resources. State files contain them: if you rename one, add the old token to {@link formerTokens}.
 */
export const tokens = {
  machineSystem: 'platform:index:MachineSystem',
  kubernetesVersion: 'platform:index:KubernetesVersion',
  etcdBootstrap: 'platform:index:EtcdBootstrap',
  clusterNodes: 'platform:index:ClusterNodes',
  machineConfiguration: 'platform:index:MachineConfiguration',
  customResourceDefinitions: 'platform:index:CustomResourceDefinitions',
  bootstrapRelease: 'platform:index:BootstrapRelease',
  handover: 'platform:index:Handover',
  generatedCertificateAuthority: 'platform:index:GeneratedCertificateAuthority',
  generatedSecret: 'platform:index:GeneratedSecret',
  machineSecrets: 'platform:index:MachineSecrets',
  talosIdentity: 'platform:index:TalosIdentity',
  onePasswordItem: 'platform:index:OnePasswordItem',
  tunnel: 'platform:index:Tunnel',
  phaseStart: 'platform:index:PhaseStart',
} as const;

/** Tokens in older state files, and their current tokens. A type of another provider is only taken over. */
export const formerTokens: Readonly<Record<string, string>> = {
  'platform:index:VaultCertificateAuthority': tokens.generatedCertificateAuthority,
  'platform:index:VaultSecret': tokens.generatedSecret,
  'platform:index:VaultItem': tokens.onePasswordItem,
  'talos:machine/configurationApply:ConfigurationApply': tokens.machineConfiguration,
  'cloudflare:index/zeroTrustTunnelCloudflared:ZeroTrustTunnelCloudflared': tokens.tunnel,
};
