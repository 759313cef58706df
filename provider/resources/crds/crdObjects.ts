import { type Document, parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../../clients/kubernetes/objects';
import { UserError } from '../../../clients/userError';

/** A CustomResourceDefinition. */
export interface CrdObject extends KubeObject {
  apiVersion: string;
  kind: 'CustomResourceDefinition';
}

/** The objects of a YAML stream without its empty documents. `where` names it in error messages. */
export function readObjects(yaml: string, where: string): KubeObject[] {
  return parseAllDocuments(yaml).flatMap((document) => {
    const problem = document.errors[0];
    if (problem) throw new UserError(`${where}: is not valid YAML: ${problem.message.split('\n')[0]}`);
    const object = expanded(document, where);
    return object === null || typeof object !== 'object' ? [] : [object];
  });
}

/** A document with its aliases expanded, which the library refuses where they multiply without measure. */
function expanded(document: Document, where: string): KubeObject | null {
  try {
    return document.toJS({ maxAliasCount: 10_000 }) as KubeObject | null;
  } catch (error) {
    throw new UserError(`${where}: cannot be read: ${(error as Error).message}`);
  }
}

/** Whether the object is a CustomResourceDefinition. */
export function isCrd(object: KubeObject): object is CrdObject {
  return object.kind === 'CustomResourceDefinition' && object.apiVersion === 'apiextensions.k8s.io/v1';
}

/** The definition with Helm's ownership label and annotations, so that Helm and later Flux adopt it. */
export function ownedByRelease(crd: CrdObject, release: { name: string; namespace: string }): CrdObject {
  const { labels, annotations } = crd.metadata;
  return {
    ...crd,
    metadata: {
      ...crd.metadata,
      labels: { ...labels, 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: {
        ...annotations,
        'meta.helm.sh/release-name': release.name,
        'meta.helm.sh/release-namespace': release.namespace,
      },
    },
  };
}
