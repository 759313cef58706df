import { isMap, type Json, type JsonMap, textOf } from '../../../gitops/kubernetesObject';

/** What the library takes for a secret in a document (its Redact functions), replaced by `***` as in the files of the fleets. */
const secretFields: Readonly<Record<string, readonly string[]>> = {
  WireguardConfig: ['privateKey', 'peers.*.presharedKey'],
  RegistryAuthConfig: ['password', 'auth', 'identityToken'],
  RegistryTLSConfig: ['clientIdentity.key', 'ca'],
};

export function maskedLikeTheLibrary(document: JsonMap): JsonMap {
  const paths = secretFields[textOf(document['kind'])] ?? [];
  const masked = (value: Json, path: readonly string[]): Json => {
    if (Array.isArray(value)) return value.map((item) => masked(item, [...path, '*']));
    if (isMap(value)) {
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, masked(item ?? null, [...path, key])]),
      );
    }
    return paths.includes(path.join('.')) && value !== '' ? '***' : value;
  };
  return masked(document, []) as JsonMap;
}
