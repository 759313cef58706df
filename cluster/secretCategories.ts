/**
 * Categories of secrets with their maximum age in days; undefined means no limit. The figures for database credentials,
 * API keys and service account keys are the architecture's (section 8). It has none for bootstrap tokens, which use the
 * figure for API keys; certificate authorities use the default validity in Cilium's chart.
 */
export const secretAgeDays = {
  'database-credentials': 90,
  'api-key': 90,
  'bootstrap-token': 90,
  'service-account-key': 365,
  'certificate-authority': 1095,
  // Renewed by their issuer.
  'tls-certificate': undefined,
  // A new key cannot decrypt existing data.
  'encryption-key': undefined,
} as const satisfies Record<string, number | undefined>;

export type SecretCategory = keyof typeof secretAgeDays;

/** A field of a 1Password item. */
export interface OnePasswordField {
  /** The item's title, which is a full path such as `kubernetes/<cluster>/<app>`. */
  title: string;
  field: string;
  category: SecretCategory;
}
