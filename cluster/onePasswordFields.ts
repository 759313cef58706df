import { ciliumCa, type SharedAuthority, sharedAuthorities } from './bootstrapOrder';
import { type ListedSystems, lists } from '../gitops/listedSystems';
import type { ClusterDefinition } from './definition';
import { type GeneratedField, generatedFields } from './generatedFields';
import type { OnePasswordField } from './secretCategories';
import { backupSystem, mayRead } from './systemNames';

/** Whether other clusters may use an item, too: its title does not name this one. */
export function isSharedItem(title: string, cluster: string): boolean {
  return !title.startsWith(`kubernetes/${cluster}/`);
}

/** What a cluster identifies itself by to the cluster that stores, for each kind of thing that it sends. */
function writerFields(cluster: string) {
  const title = `kubernetes/${cluster}/observability`;
  const category = 'service-account-key';
  return {
    metricsWriter: { title, field: 'metrics-writer-password', category },
    logsWriter: { title, field: 'logs-writer-password', category },
    alertsWriter: { title, field: 'alerts-writer-password', category },
    tracesWriter: { title, field: 'traces-writer-password', category },
  } as const;
}

/** The fields that the program can read and write for a cluster. People create all other fields that manifests read. */
export function managedFields(definition: Pick<ClusterDefinition, 'name' | 'tsigItem'>) {
  const titleOf = (app: string) => `kubernetes/${definition.name}/${app}`;
  const category = 'certificate-authority';
  const authority = {
    observabilityCa: { title: sharedAuthorities.observabilityCa.title, category },
    servicesCa: { title: sharedAuthorities.servicesCa.title, category },
  } as const;
  const ssoClients = { title: 'kubernetes/shared/keycloak-clients', category: 'service-account-key' } as const;
  const database = { title: 'kubernetes/shared/postgres', category: 'database-credentials' } as const;
  return {
    ciliumCa: { title: ciliumCa.title, field: 'ca.key', category: 'certificate-authority' },
    observabilityCa: { ...authority.observabilityCa, field: 'ca.key' },
    observabilityCertificate: { ...authority.observabilityCa, field: 'ca.crt' },
    servicesCa: { ...authority.servicesCa, field: 'ca.key' },
    servicesCertificate: { ...authority.servicesCa, field: 'ca.crt' },
    tunnelSecret: { title: titleOf('cloudflare-tunnel'), field: 'tunnel-secret', category: 'service-account-key' },
    tunnelToken: { title: titleOf('cloudflared'), field: 'token', category: 'service-account-key' },
    certManagerToken: { title: titleOf('cert-manager'), field: 'cloudflare-api-token', category: 'api-key' },
    externalDnsToken: { title: titleOf('external-dns-cloudflare'), field: 'api-token', category: 'api-key' },
    webhookToken: { title: titleOf('flux'), field: 'webhook-token', category: 'api-key' },
    backupPassword: { title: titleOf('volsync'), field: 'restic-password', category: 'encryption-key' },
    // Without an item, no cluster has the field.
    tsigSecret: { title: definition.tsigItem ?? '', field: 'tsig-secret', category: 'service-account-key' },
    ...writerFields(definition.name),
    storeReader: { title: titleOf('observability-store'), field: 'reader-password', category: 'service-account-key' },
    grafanaAdmin: {
      title: titleOf('observability-store'),
      field: 'grafana-admin-password',
      category: 'service-account-key',
    },
    keycloakDatabase: { ...database, field: 'keycloak-password' },
    harborDatabase: { ...database, field: 'harbor-password' },
    gitlabDatabase: { ...database, field: 'gitlab-password' },
    dragonflyPassword: { title: 'kubernetes/shared/dragonfly', field: 'password', category: 'database-credentials' },
    harborAdmin: { title: titleOf('harbor'), field: 'admin-password', category: 'service-account-key' },
    harborEncryption: { title: titleOf('harbor'), field: 'secret-key', category: 'encryption-key' },
    harborInternal: { title: titleOf('harbor'), field: 'internal-secret', category: 'service-account-key' },
    harborTokenKey: { title: titleOf('harbor'), field: 'token-key', category: 'service-account-key' },
    gitlabRoot: { title: titleOf('gitlab'), field: 'root-password', category: 'service-account-key' },
    gitlabEncryption: { title: titleOf('gitlab'), field: 'rails-secret', category: 'encryption-key' },
    gitlabInternal: { title: titleOf('gitlab'), field: 'internal-secret', category: 'service-account-key' },
    gitlabSigningKey: { title: titleOf('gitlab'), field: 'signing-key', category: 'service-account-key' },
    keycloakAdmin: { title: titleOf('keycloak'), field: 'admin-password', category: 'service-account-key' },
    keycloakClientGitlab: { ...ssoClients, field: 'gitlab' },
    keycloakClientGrafana: { ...ssoClients, field: 'grafana' },
    keycloakClientHarbor: { ...ssoClients, field: 'harbor' },
    machineSecrets: { title: titleOf('talos-secrets'), field: 'secrets.yaml', category: 'encryption-key' },
    kubeconfig: { title: titleOf('kubeconfig'), field: 'kubeconfig', category: 'service-account-key' },
    talosconfig: { title: titleOf('talosconfig'), field: 'talosconfig', category: 'service-account-key' },
  } as const satisfies Record<string, OnePasswordField>;
}

/** Those of {@link managedFields} that only a cluster with Cloudflare has. */
const cloudflareFields = ['tunnelSecret', 'tunnelToken', 'certManagerToken', 'externalDnsToken'] as const;
export type CloudflareField = (typeof cloudflareFields)[number];

/** The random secrets that a cluster needs: those that something reads, and the password of its backups with VolSync. */
export function generatedFor(cluster: string, tsigItem: string | undefined, systems: ListedSystems): GeneratedField[] {
  const fields = managedFields({ name: cluster, ...(tsigItem !== undefined && { tsigItem }) });
  return generatedFields.filter(
    (key) =>
      (key !== 'tsigSecret' || tsigItem !== undefined) &&
      (mayRead(systems, fields[key]) || (key === 'backupPassword' && lists(systems, backupSystem))),
  );
}

/** Which of {@link managedFields} hold the CAs that all clusters share. */
const authorityFields = {
  observabilityCa: ['observabilityCa', 'observabilityCertificate'],
  servicesCa: ['servicesCa', 'servicesCertificate'],
} as const satisfies Record<SharedAuthority, readonly (keyof ReturnType<typeof managedFields>)[]>;
const authorities = Object.keys(authorityFields) as SharedAuthority[];

/** The shared CAs of which the systems of a cluster read a part. */
export function authoritiesFor(cluster: string, systems: ListedSystems): SharedAuthority[] {
  const fields = managedFields({ name: cluster });
  return authorities.filter((name) => authorityFields[name].some((key) => mayRead(systems, fields[key])));
}

/** The passwords of the other clusters' writers that the systems of a cluster read. */
export function writersOfOthers(cluster: string, systems: ListedSystems): OnePasswordField[] {
  const others = new Map<string, OnePasswordField>();
  for (const read of systems.vaultFields) {
    const owner = /^kubernetes\/([^/]+)\/observability$/.exec(read.title)?.[1];
    if (owner === undefined || owner === cluster) continue;
    const writer = Object.values(writerFields(owner)).find((one) => one.field === read.field);
    if (writer !== undefined) others.set(`${writer.title} ${writer.field}`, writer);
  }
  return [...others.values()];
}

/** The fields that the program reads and writes for this cluster, as a list. */
export function fieldsOf(
  definition: Pick<
    ClusterDefinition,
    'name' | 'tsigItem' | 'cloudflare' | 'generated' | 'authorities' | 'writersOfOthers'
  >,
): readonly OnePasswordField[] {
  const without: readonly string[] = [
    ...(definition.cloudflare === undefined ? cloudflareFields : []),
    ...generatedFields.filter((key) => !definition.generated.includes(key)),
    ...authorities.filter((name) => !definition.authorities.includes(name)).flatMap((name) => authorityFields[name]),
  ];
  const own = Object.entries(managedFields(definition)).flatMap(([key, field]) =>
    without.includes(key) ? [] : [field],
  );
  return [...own, ...definition.writersOfOthers];
}

/** The items that `cloudflare` of a stack fills and manifests of cloudflared, cert-manager and ExternalDNS read. */
export function cloudflareItems(cluster: string): { title: string; field: string }[] {
  const fields = managedFields({ name: cluster });
  return [fields.tunnelToken, fields.certManagerToken, fields.externalDnsToken];
}
