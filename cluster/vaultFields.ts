import { ciliumCa } from './bootstrapOrder';
import type { ClusterDefinition } from './definition';

/**
 * The kinds of secrets, and how many days one of them may be in use; without a number it has no age of its own. Database
 * credentials, API keys and service account keys are the architecture's figures (section 8); bootstrap tokens, for which
 * it gives none, go by those of API keys; a certificate authority by the time that Cilium's chart gives its own.
 */
export const secretAgeDays = {
  'database-credentials': 90,
  'api-key': 90,
  'bootstrap-token': 90,
  'service-account-key': 365,
  'certificate-authority': 1095,
  // Renewed by whoever issued them.
  'tls-certificate': undefined,
  // Another key cannot read what this one has encrypted.
  'encryption-key': undefined,
} as const satisfies Record<string, number | undefined>;

export type SecretCategory = keyof typeof secretAgeDays;

/** A field of an item in the vault. */
export interface VaultField {
  /** The item's title: the whole path, such as `kubernetes/<cluster>/<app>`. */
  title: string;
  field: string;
  category: SecretCategory;
}

/** Where the program finds and keeps what, for one cluster. Whatever manifests read beyond these, people put there. */
export function managedFields(definition: Pick<ClusterDefinition, 'name' | 'tsigItem'>) {
  const own = (app: string) => `kubernetes/${definition.name}/${app}`;
  return {
    ciliumCa: { title: ciliumCa.title, field: 'ca.key', category: 'certificate-authority' },
    tunnelSecret: { title: own('cloudflare-tunnel'), field: 'tunnel-secret', category: 'service-account-key' },
    tunnelToken: { title: own('cloudflared'), field: 'token', category: 'service-account-key' },
    certManagerToken: { title: own('cert-manager'), field: 'cloudflare-api-token', category: 'api-key' },
    externalDnsToken: { title: own('external-dns-cloudflare'), field: 'api-token', category: 'api-key' },
    webhookToken: { title: own('flux'), field: 'webhook-token', category: 'api-key' },
    backupPassword: { title: own('volsync'), field: 'restic-password', category: 'encryption-key' },
    tsigSecret: { title: definition.tsigItem, field: 'tsig-secret', category: 'service-account-key' },
    kubeconfig: { title: own('kubeconfig'), field: 'kubeconfig', category: 'service-account-key' },
    talosconfig: { title: own('talosconfig'), field: 'talosconfig', category: 'service-account-key' },
  } as const satisfies Record<string, VaultField>;
}
