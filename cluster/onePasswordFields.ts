import { ciliumCa, observabilityCa } from './bootstrapOrder';
import { type ListedSystems, lists } from '../gitops/listedSystems';
import type { ClusterDefinition, ObservabilityNeeds } from './definition';
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
  return {
    ciliumCa: { title: ciliumCa.title, field: 'ca.key', category: 'certificate-authority' },
    observabilityCa: { title: observabilityCa.title, field: 'ca.key', category: 'certificate-authority' },
    observabilityCertificate: { title: observabilityCa.title, field: 'ca.crt', category: 'certificate-authority' },
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

/** What of the observability's CA and passwords the systems of a cluster read. */
export function observabilityNeeds(cluster: string, systems: ListedSystems): ObservabilityNeeds {
  const { observabilityCa: key, observabilityCertificate: certificate } = managedFields({ name: cluster });
  const others = new Map<string, OnePasswordField>();
  for (const read of systems.vaultFields) {
    const owner = /^kubernetes\/([^/]+)\/observability$/.exec(read.title)?.[1];
    if (owner === undefined || owner === cluster) continue;
    const writer = Object.values(writerFields(owner)).find((one) => one.field === read.field);
    if (writer !== undefined) others.set(`${writer.title} ${writer.field}`, writer);
  }
  const authority = [key, certificate].some((field) => mayRead(systems, field));
  return { authority, writersOfOthers: [...others.values()] };
}

/** The fields that the program reads and writes for this cluster, as a list. */
export function fieldsOf(
  definition: Pick<ClusterDefinition, 'name' | 'tsigItem' | 'cloudflare' | 'generated' | 'observability'>,
): readonly OnePasswordField[] {
  const without: readonly string[] = [
    ...(definition.cloudflare === undefined ? cloudflareFields : []),
    ...generatedFields.filter((key) => !definition.generated.includes(key)),
    ...(definition.observability.authority ? [] : ['observabilityCa', 'observabilityCertificate']),
  ];
  const own = Object.entries(managedFields(definition)).flatMap(([key, field]) =>
    without.includes(key) ? [] : [field],
  );
  return [...own, ...definition.observability.writersOfOthers];
}

/** The items that `cloudflare` of a stack fills and manifests of cloudflared, cert-manager and ExternalDNS read. */
export function cloudflareItems(cluster: string): { title: string; field: string }[] {
  const fields = managedFields({ name: cluster });
  return [fields.tunnelToken, fields.certManagerToken, fields.externalDnsToken];
}
