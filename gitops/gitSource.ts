import { specOf, valueAt } from './kubernetesObject';
import { ManifestError } from './manifestError';
import { installedKustomization, type RenderedCluster } from './render/renderCluster';

/** A folder of an external repository, pinned to a tag. */
export interface GitSource {
  /** https:// URL of the repository. */
  url: string;
  tag: string;
  /** Folder in the repository, without leading `./`. */
  path: string;
}

/**
 * Reads the GitRepository of a Flux Kustomization with an external source. Throws a ManifestError if the Kustomization or
 * its GitRepository is missing, or if it is not pinned to a tag.
 */
export function readGitSource(rendered: RenderedCluster, kustomizationName: string): GitSource {
  const { objects } = rendered;
  const owner = installedKustomization(rendered, kustomizationName);
  const place = `${owner.file}:${owner.line}`;
  const { kind, name, namespace } = owner.sourceRef;
  const source = objects.find(
    ({ object }) => object.kind === kind && object.metadata.name === name && object.metadata.namespace === namespace,
  );
  if (kind !== 'GitRepository' || source === undefined) {
    throw new ManifestError([
      `${place}: Kustomization ${kustomizationName}: GitRepository ${namespace}/${name} is missing in Git; add it`,
    ]);
  }
  const spec = specOf(source.object);
  const { url } = spec;
  const tag = valueAt(spec, 'ref', 'tag');
  if (typeof url !== 'string' || !url.startsWith('https://') || typeof tag !== 'string' || tag === '') {
    throw new ManifestError([
      `${source.file}:${source.line}: GitRepository ${name} must have an https:// spec.url and a spec.ref.tag`,
    ]);
  }
  return { url, tag, path: owner.path };
}
