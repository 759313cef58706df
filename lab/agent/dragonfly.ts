import { at, missingKey, namespaceOf, pendingMount, pendingVolumes, type Refusal, specOf, text } from './refusals';

// Dragonfly operator 1.3.0 (internal/resources/resources.go) and Dragonfly itself.

/** The first version that knows a flag which the operator always passes (break_replication_on_master_restart). */
const oldest = [1, 20, 0] as const;

/** Its image starts with what the operator passes, and its Secrets and its class exist. */
export const dragonfly: Refusal = async (object, lookup) => {
  const spec = specOf(object);
  const namespace = namespaceOf(object);
  const image = text(spec, 'image');
  const version = /:v(\d+)\.(\d+)\.(\d+)$/
    .exec(image ?? '')
    ?.slice(1)
    .map(Number);
  if (image !== undefined && version === undefined) return `its image has no version: ${image}`;
  if (version !== undefined && isOlder(version)) return 'Unknown command line flag break_replication_on_master_restart';
  const password = at(spec, 'authentication', 'passwordFromSecret');
  const authority = at(spec, 'authentication', 'clientCaCertSecret');
  for (const reference of [password, authority]) {
    if (reference === undefined) continue;
    const missing = await missingKey(lookup, namespace, text(reference, 'name') ?? '', text(reference, 'key') ?? '');
    if (missing !== undefined) return `its pods do not start: ${missing}`;
  }
  const certificate = text(spec, 'tlsSecretRef', 'name');
  if (certificate !== undefined) {
    if (password === undefined && authority === undefined)
      return 'TLS needs a password or a CA of clients, or Dragonfly does not start';
    const pending = await pendingMount(lookup, namespace, certificate);
    if (pending !== undefined) return pending;
  }
  const claim = at(spec, 'snapshot', 'persistentVolumeClaimSpec');
  if (
    text(spec, 'snapshot', 'cron') !== undefined &&
    claim === undefined &&
    text(spec, 'snapshot', 'dir') === undefined
  )
    return 'cron specified without a persistent volume claim';
  const pending = await pendingVolumes(lookup, text(claim, 'storageClassName'));
  if (pending !== undefined) return pending;
  const account = text(spec, 'serviceAccountName');
  if (
    account !== undefined &&
    (await lookup.get(`/api/v1/namespaces/${namespace}/serviceaccounts/${account}`)) === undefined
  )
    return `its pods are forbidden: service account ${namespace}/${account} not found`;
  return undefined;
};

function isOlder(version: readonly number[]): boolean {
  const at = oldest.findIndex((part, index) => version[index] !== part);
  return at !== -1 && (version[at] ?? 0) < (oldest[at] ?? 0);
}
