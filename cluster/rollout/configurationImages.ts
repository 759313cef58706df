import { isScalar, parseAllDocuments, type Document } from 'yaml';
import type { Component } from './kubernetesUpgrade';

/** Where the image of a component is in the machine configuration. */
const paths: Record<Component | 'kube-proxy', readonly string[]> = {
  'kube-apiserver': ['cluster', 'apiServer', 'image'],
  'kube-controller-manager': ['cluster', 'controllerManager', 'image'],
  'kube-scheduler': ['cluster', 'scheduler', 'image'],
  'kube-proxy': ['cluster', 'proxy', 'image'],
  kubelet: ['machine', 'kubelet', 'image'],
};

/** An image reference, taken apart; the repository keeps a registry's port. */
export interface ImageReference {
  repository: string;
  /** `v1.34.1`; without the suffix. */
  version: string;
  /** Variant of the kubelet: `-slim`, `-fat`; empty otherwise. */
  suffix: string;
}

/** The parts of an image whose tag is a version; undefined for another tag, and for one that is pinned by digest. */
export function parseImage(image: string): ImageReference | undefined {
  const [, repository, version, suffix] =
    /^([^@]+):(v\d+\.\d+\.\d+(?:-(?!slim|fat)[\w.]+)?)(-slim|-fat)?$/.exec(image) ?? [];
  return repository === undefined || version === undefined ? undefined : { repository, version, suffix: suffix ?? '' };
}

/** The image of a component in a machine configuration; undefined if the configuration does not name it. */
export function imageOf(configuration: string, component: Component | 'kube-proxy'): string | undefined {
  const node = mainDocument(configuration)?.getIn(paths[component]);
  return typeof node === 'string' ? node : undefined;
}

/**
 * The configuration with another version in the images of the components; all other bytes stay as they are. A component that
 * the configuration does not name is left out.
 *
 * @throws Error for an image whose tag is not a version
 */
export function withVersion(
  configuration: string,
  changed: readonly (Component | 'kube-proxy')[],
  version: string,
): string {
  const document = mainDocument(configuration);
  const edits = changed.flatMap((component) => {
    const node = document?.getIn(paths[component], true);
    if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return [];
    const image = parseImage(node.value);
    if (image === undefined)
      throw new Error(`${paths[component].join('.')} is ${node.value}, whose tag is not a version`);
    return [{ from: node.range[0], to: node.range[1], text: `${image.repository}:${version}${image.suffix}` }];
  });
  return edits
    .sort((a, b) => b.from - a.from)
    .reduce((text, { from, to, text: image }) => text.slice(0, from) + image + text.slice(to), configuration);
}

/** The document without a kind, which has the settings of machine and cluster. */
function mainDocument(configuration: string): Document.Parsed | undefined {
  const documents = parseAllDocuments(configuration);
  if (!Array.isArray(documents)) return undefined;
  return documents.find((document) => document.get('version') === 'v1alpha1' && document.get('kind') === undefined);
}
