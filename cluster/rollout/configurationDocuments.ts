import { isDeepStrictEqual } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { isMap, type JsonMap, textOf } from '../../gitops/kubernetesObject';

/** The document with the settings of machine and cluster, which has no kind. */
export const mainDocument = 'v1alpha1';

/**
 * The documents of a machine configuration by what identifies them: `v1alpha1`, or kind and name such as
 * `EthernetConfig enp1s0`.
 */
export function configurationDocuments(configuration: string): Map<string, JsonMap> {
  const documents = parseAllDocuments(configuration, { logLevel: 'silent' });
  const contents = (Array.isArray(documents) ? documents : []).map((document) => document.toJS() as unknown);
  return new Map(contents.filter(isMap).map((content) => [identityOf(content), content]));
}

function identityOf({ kind, name }: JsonMap): string {
  if (kind === undefined) return mainDocument;
  return name === undefined ? textOf(kind) : `${textOf(kind)} ${textOf(name)}`;
}

/** Whether two configurations are the same bytes, or say the same in another form. */
export function sameConfiguration(left: string, right: string): boolean {
  return left === right || isDeepStrictEqual(configurationDocuments(left), configurationDocuments(right));
}
