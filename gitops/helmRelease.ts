import { durationSeconds } from './duration';
import { type Json, type JsonMap, groupOf, isMap, specOf, valueAt, listOf } from './kubernetesObject';
import { ManifestError, Problems } from './manifestError';
import { installedKustomization, type RenderedCluster, type RenderedObject } from './render/renderCluster';

/** A Helm release as helm-controller would install it, for installing it before Flux runs. */
export interface HelmReleaseSpec {
  /** Name of the HelmRelease object. */
  name: string;
  /** Name of the Helm release. */
  releaseName: string;
  /** Namespace the chart is installed into. */
  namespace: string;
  /** Namespace of Helm's release records. A release recorded elsewhere would be installed twice. */
  storageNamespace: string;
  chart: {
    /** `oci://…`, the chart's full URL without its version. */
    url: string;
    /** The exact tag of the chart. */
    version: string;
    /** Accepted signers, any one of which is enough; absent if Flux does not verify the chart either. */
    signedBy?: { issuer: string; subject: string }[];
  };
  values: JsonMap;
  /** Timeout of the install. */
  timeoutSeconds: number;
  /** Whether the install waits for the workloads to be ready. */
  wait: boolean;
  /** How CRDs in the chart's `crds/` folder are handled. */
  crds: { install: CrdPolicy; upgrade: CrdPolicy };
  /** Name of the Flux Kustomization that owns it. */
  kustomization: string;
}

/** helm-controller's policies for the `crds/` folder of a chart. */
export type CrdPolicy = 'Skip' | 'Create' | 'CreateReplace';

const policies: readonly unknown[] = ['Skip', 'Create', 'CreateReplace'];

// These fields change what gets installed in ways that `helm install` with the same values does not reproduce.
const unsupported = ['chart', 'valuesFrom', 'postRenderers', 'commonMetadata', 'kubeConfig'];

/**
 * Reads the only HelmRelease of a Flux Kustomization, and its OCIRepository. Throws a ManifestError if there is not
 * exactly one, if the chart is not pinned, or if it uses anything that the install before Flux cannot reproduce.
 */
export function readRelease(rendered: RenderedCluster, kustomizationName: string): HelmReleaseSpec {
  const release = findRelease(rendered, kustomizationName);
  const { object, file, line } = release;
  const { name } = object.metadata;
  const spec = specOf(object);
  const problems = new Problems();
  const addProblem = (what: string): void => problems.add(`${file}:${line}`, `HelmRelease ${name}: ${what}`);
  const ownNamespace = object.metadata.namespace ?? '';
  if (ownNamespace === '') addProblem('metadata.namespace is missing; set it to the namespace of the release');
  for (const field of unsupported) {
    if (spec[field] !== undefined)
      addProblem(`spec.${field} is not supported for a release that is installed before Flux`);
  }
  const optional = (field: string): string | undefined => (typeof spec[field] === 'string' ? spec[field] : undefined);
  const namespace = optional('targetNamespace') ?? ownNamespace;
  const releaseName =
    optional('releaseName') ?? (optional('targetNamespace') === undefined ? name : `${namespace}-${name}`);
  if (releaseName.length > 53)
    addProblem(`release name ${releaseName} is longer than 53 characters; set spec.releaseName`);
  const chart = readChart(rendered, release, addProblem);
  const timeout = valueAt(spec, 'install', 'timeout') ?? spec['timeout'] ?? '5m';
  const timeoutSeconds = durationSeconds(timeout);
  if (timeoutSeconds === undefined)
    addProblem(`install timeout ${JSON.stringify(timeout)} must be a duration such as 15m`);
  const policy = (action: string, otherwise: CrdPolicy): CrdPolicy => {
    const value = valueAt(spec, action, 'crds') ?? otherwise;
    if (!policies.includes(value)) addProblem(`spec.${action}.crds must be one of ${policies.join(', ')}`);
    return value as CrdPolicy;
  };
  const crds = { install: policy('install', 'Create'), upgrade: policy('upgrade', 'Skip') };
  const values = spec['values'] ?? {};
  if (!isMap(values)) addProblem('spec.values must be a map');
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

function findRelease(rendered: RenderedCluster, kustomizationName: string): RenderedObject {
  const { objects } = rendered;
  const owner = installedKustomization(rendered, kustomizationName);
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
      `${owner.path}: contains ${count}; Kustomization ${kustomizationName} must have exactly one`,
    ]);
  }
  return release;
}

function readChart(
  { objects }: RenderedCluster,
  { object, kustomization }: RenderedObject,
  addProblem: (what: string) => void,
): HelmReleaseSpec['chart'] | undefined {
  const reference = valueAt(specOf(object), 'chartRef');
  const name = valueAt(reference, 'name');
  const namespace = valueAt(reference, 'namespace') ?? object.metadata.namespace;
  if (valueAt(reference, 'kind') !== 'OCIRepository' || typeof name !== 'string') {
    addProblem('spec.chartRef must reference an OCIRepository; only charts from OCI registries are supported');
    return undefined;
  }
  if (namespace !== object.metadata.namespace)
    addProblem(
      'spec.chartRef crosses namespaces, which Flux refuses here; move the OCIRepository to the same namespace',
    );
  const source = objects.find(
    (other) =>
      other.kustomization === kustomization &&
      other.object.kind === 'OCIRepository' &&
      other.object.metadata.name === name &&
      other.object.metadata.namespace === namespace,
  );
  if (source === undefined) {
    addProblem(`OCIRepository ${name} is missing in its Kustomization and namespace; add ocirepository.yaml`);
    return undefined;
  }
  const spec = specOf(source.object);
  const { url } = spec;
  const tag = valueAt(spec, 'ref', 'tag');
  const fields = isMap(spec['ref']) ? Object.keys(spec['ref']) : [];
  if (typeof url !== 'string' || !url.startsWith('oci://'))
    addProblem(`spec.url of OCIRepository ${name} must start with oci://`);
  if (typeof tag !== 'string' || fields.length !== 1 || !/^v?\d+\.\d+\.\d+([-.][\w.-]+)?$/.test(tag)) {
    addProblem(
      `OCIRepository ${name} must pin the chart to an exact version in spec.ref.tag, without any other field in spec.ref`,
    );
  }
  const signedBy = readSigners(spec['verify'], (what) => addProblem(`OCIRepository ${name}: ${what}`));
  if (typeof url !== 'string' || typeof tag !== 'string') return undefined;
  return { url, version: tag, ...(signedBy === undefined ? {} : { signedBy }) };
}

/** Accepted signers in a source's `spec.verify`; only keyless signatures with explicit identities are supported. */
function readSigners(
  verify: Json | undefined,
  addProblem: (what: string) => void,
): { issuer: string; subject: string }[] | undefined {
  if (verify === undefined) return undefined;
  const identities = valueAt(verify, 'matchOIDCIdentity');
  const signers = listOf(identities).flatMap((identity) => {
    const { issuer, subject } = isMap(identity) ? identity : {};
    return typeof issuer === 'string' && typeof subject === 'string' ? [{ issuer, subject }] : [];
  });
  if (valueAt(verify, 'provider') !== 'cosign' || valueAt(verify, 'secretRef') !== undefined || signers.length === 0) {
    addProblem('spec.verify must set provider cosign and at least one matchOIDCIdentity with issuer and subject');
  }
  return signers;
}
