/** The type tokens of our resources, as state files hold them: a renamed one needs an entry in {@link formerTokens}. */
export const tokens = {
  etcdBootstrap: 'platform:index:EtcdBootstrap',
  customResourceDefinitions: 'platform:index:CustomResourceDefinitions',
  bootstrapRelease: 'platform:index:BootstrapRelease',
  handover: 'platform:index:Handover',
  generatedCertificateAuthority: 'platform:index:GeneratedCertificateAuthority',
  generatedSecret: 'platform:index:GeneratedSecret',
  onePasswordItem: 'platform:index:OnePasswordItem',
} as const;

/** Tokens that older state files hold, and what each is called now. */
export const formerTokens: Readonly<Record<string, string>> = {
  'platform:index:VaultCertificateAuthority': tokens.generatedCertificateAuthority,
  'platform:index:VaultSecret': tokens.generatedSecret,
  'platform:index:VaultItem': tokens.onePasswordItem,
};
