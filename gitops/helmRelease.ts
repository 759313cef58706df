import { durationSeconds } from './duration';
import { type Json, type JsonMap, groupOf, isMap, specOf, valueAt, listOf } from './kubernetesObject';
import { ManifestError, Problems } from './manifestError';
import type { RenderedCluster, RenderedObject } from './render';

/** A Helm release as helm-controller would make it, for whoever installs it before Flux is there. */
export interface HelmReleaseSpec {
  /** Name of the HelmRelease object. */
  name: string;
  /** Name of the Helm release. */
  releaseName: string;
  /** Namespace that the chart is installed into. */
  namespace: string;
  /** Namespace of Helm's own records. A release recorded elsewhere would be installed a second time. */
  storageNamespace: string;
  chart: {
    /** `oci://…`, the chart's whole address without version. */
    url: string;
    /** The exact tag. */
    version: string;
    /** Who must have signed it, one of these; absent where Flux does not look either. */
    signedBy?: { issuer: string; subject: string }[];
  };
  values: JsonMap;
  /** How long an install may take. */
  timeoutSeconds: number;
  /** Whether the install waits until the workloads run. */
  wait: boolean;
  /** What happens to CRDs of the chart's `crds/` folder. */
  crds: { install: CrdPolicy; upgrade: CrdPolicy };
  /** Name of the Flux Kustomization that owns it. */
  kustomization: string;
}

/** helm-controller's policies for the `crds/` folder of a chart. */
export type CrdPolicy = 'Skip' | 'Create' | 'CreateReplace';

const policies: readonly unknown[] = ['Skip', 'Create', 'CreateReplace'];

// They change what is installed in ways that `helm install` with these values would not.
const unsupported = ['chart', 'valuesFrom', 'postRenderers', 'commonMetadata', 'kubeConfig'];

/**
 * Reads the one HelmRelease of a Flux Kustomization, and its OCIRepository. Throws a ManifestError if there is not
 * exactly one, if the chart is not pinned, and for anything that the installer before Flux could not do alike.
 */
export function readRelease(rendered: RenderedCluster, kustomizationName: string): HelmReleaseSpec {
  const release = findRelease(rendered, kustomizationName);
  const { object, file, line } = release;
  const { name } = object.metadata;
  const spec = specOf(object);
  const problems = new Problems();
  const bad = (what: string): void => problems.add(`${file}:${line}`, `HelmRelease ${name}: ${what}`);
  const ownNamespace = object.metadata.namespace ?? '';
  if (ownNamespace === '') bad('has no metadata.namespace; it must be that of the release');
  for (const field of unsupported) {
    if (spec[field] !== undefined) bad(`spec.${field} is not supported for a release that is installed before Flux`);
  }
  const optional = (field: string): string | undefined => (typeof spec[field] === 'string' ? spec[field] : undefined);
  const namespace = optional('targetNamespace') ?? ownNamespace;
  const releaseName =
    optional('releaseName') ?? (optional('targetNamespace') === undefined ? name : `${namespace}-${name}`);
  if (releaseName.length > 53) bad(`its release name ${releaseName} has more than 53 characters; set spec.releaseName`);
  const chart = readChart(rendered, release, bad);
  const timeout = valueAt(spec, 'install', 'timeout') ?? spec['timeout'] ?? '5m';
  const timeoutSeconds = durationSeconds(timeout);
  if (timeoutSeconds === undefined)
    bad(`the install's timeout ${JSON.stringify(timeout)} must be a duration such as 15m`);
  const policy = (action: string, otherwise: CrdPolicy): CrdPolicy => {
    const value = valueAt(spec, action, 'crds') ?? otherwise;
    if (!policies.includes(value)) bad(`spec.${action}.crds must be one of ${policies.join(', ')}`);
    return value as CrdPolicy;
  };
  const crds = { install: policy('install', 'Create'), upgrade: policy('upgrade', 'Skip') };
  const values = spec['values'] ?? {};
  if (!isMap(values)) bad('spec.values must be a map');
  problems.throwIfAny();
  return {
    name,
    releaseName,
    namespace,
    storageNamespace: optional('storageNamespace') ?? ownNamespace,
    chart: chart ?? { url: '', version: '' },
    values: isMap(values) ? values : {},
    timeoutSeconds: timeoutSeconds ?? 0,
    wait: valueAt(spec, 'install', 'disableWait') !== true,
    crds,
    kustomization: kustomizationName,
  };
}

function findRelease({ cluster, kustomizations, objects }: RenderedCluster, kustomizationName: string): RenderedObject {
  const owner = kustomizations.find(({ name }) => name === kustomizationName);
  if (owner === undefined) {
    throw new ManifestError([`kubernetes/clusters/${cluster}: has no Kustomization ${kustomizationName}; add it`]);
  }
  const releases = objects.filter(
    ({ kustomization, object }) =>
      kustomization === kustomizationName &&
      object.kind === 'HelmRelease' &&
      groupOf(object) === 'helm.toolkit.fluxcd.io',
  );
  const [release] = releases;
  if (release === undefined || releases.length !== 1) {
    const count = releases.length === 0 ? 'no HelmRelease' : `${releases.length} HelmReleases`;
    throw new ManifestError([
      `${owner.path}: holds ${count}; Kustomization ${kustomizationName} must have exactly one`,
    ]);
  }
  return release;
}

function readChart(
  { objects }: RenderedCluster,
  { object, kustomization }: RenderedObject,
  bad: (what: string) => void,
): HelmReleaseSpec['chart'] | undefined {
  const reference = valueAt(specOf(object), 'chartRef');
  const name = valueAt(reference, 'name');
  const namespace = valueAt(reference, 'namespace') ?? object.metadata.namespace;
  if (valueAt(reference, 'kind') !== 'OCIRepository' || typeof name !== 'string') {
    bad('spec.chartRef must name an OCIRepository; charts come from OCI registries only');
    return undefined;
  }
  if (namespace !== object.metadata.namespace) bad('spec.chartRef crosses namespaces, which Flux refuses here');
  const source = objects.find(
    (other) =>
      other.kustomization === kustomization &&
      other.object.kind === 'OCIRepository' &&
      other.object.metadata.name === name &&
      other.object.metadata.namespace === namespace,
  );
  if (source === undefined) {
    bad(`there is no OCIRepository ${name} beside it, in its namespace; add ocirepository.yaml`);
    return undefined;
  }
  const spec = specOf(source.object);
  const { url } = spec;
  const tag = valueAt(spec, 'ref', 'tag');
  const fields = isMap(spec['ref']) ? Object.keys(spec['ref']) : [];
  if (typeof url !== 'string' || !url.startsWith('oci://'))
    bad(`spec.url of OCIRepository ${name} must start with oci://`);
  if (typeof tag !== 'string' || fields.length !== 1 || !/^v?\d+\.\d+\.\d+([-.][\w.-]+)?$/.test(tag)) {
    bad(`OCIRepository ${name} must pin the chart by an exact version in spec.ref.tag, and by nothing else`);
  }
  const signedBy = readSigners(spec['verify'], (what) => bad(`OCIRepository ${name}: ${what}`));
  if (typeof url !== 'string' || typeof tag !== 'string') return undefined;
  return { url, version: tag, ...(signedBy === undefined ? {} : { signedBy }) };
}

/** Who must have signed a chart, by its source's `spec.verify`; only keyless signatures of named identities are known. */
function readSigners(
  verify: Json | undefined,
  bad: (what: string) => void,
): { issuer: string; subject: string }[] | undefined {
  if (verify === undefined) return undefined;
  const identities = valueAt(verify, 'matchOIDCIdentity');
  const signers = listOf(identities).flatMap((identity) => {
    const { issuer, subject } = isMap(identity) ? identity : {};
    return typeof issuer === 'string' && typeof subject === 'string' ? [{ issuer, subject }] : [];
  });
  if (valueAt(verify, 'provider') !== 'cosign' || valueAt(verify, 'secretRef') !== undefined || signers.length === 0) {
    bad('spec.verify must name provider cosign and at least one matchOIDCIdentity with issuer and subject');
  }
  return signers;
}
