import { tools, type ToolName, type ToolSpec } from '../manifest';
import digests from './digests.json';

/** Architectures that publishers build for, as they and Go call them. */
export type Architecture = 'amd64' | 'arm64';

/** A file that a publisher offers: the binary itself, or a tar archive that contains it. */
export interface FileRelease {
  readonly kind: 'file';
  readonly url: string;
  /** Path of the binary in the archive; absent if the file is the binary. */
  readonly member?: string;
  /** Committed sha256 of the file, in hex. */
  readonly digest?: string;
  /** The publisher's list of sha256 sums, which is the check if no digest is committed: lines as sha256sum prints them, or one bare sum. */
  readonly checksums: string;
}

/** A binary in a container image. */
export interface ImageRelease {
  readonly kind: 'image';
  readonly registry: string;
  readonly repository: string;
  readonly tag: string;
  readonly architecture: Architecture;
  /** Path of the binary in the image. */
  readonly member: string;
  /** Committed sha256 of the image's index, in hex. Without it, the tag decides. */
  readonly digest?: string;
}

export type Release = FileRelease | ImageRelease;

/** What a publisher offers for each tool; nothing for our own programs, which are always built. */
export type Releases = Partial<Record<ToolName, Release>>;

/** Digests that are committed, by tool. `from` states who published them. */
type CommittedDigests = Partial<
  Record<ToolName, { version: string; from: string; image?: string } & Partial<Record<Architecture, string>>>
>;

/** Name of this machine's architecture; undefined if no publisher builds for it. */
export function hostArchitecture(
  platform: NodeJS.Platform = process.platform,
  arch: string = process.arch,
): Architecture | undefined {
  if (platform !== 'linux') return undefined;
  return arch === 'x64' ? 'amd64' : arch === 'arm64' ? 'arm64' : undefined;
}

/** The releases for an architecture; none if no publisher builds for it. */
export function releasesFor(architecture: Architecture | undefined, committed: CommittedDigests = digests): Releases {
  if (architecture === undefined) return {};
  const version = (tool: ToolName): string => tools[tool].version;
  const file = (tool: ToolName, url: string, checksums: string, member?: string): FileRelease => {
    const digest = committed[tool]?.[architecture];
    return { kind: 'file', url, checksums, ...(member && { member }), ...(digest && { digest }) };
  };
  const gitHub = (
    tool: ToolName,
    repository: string,
    tag: string,
    asset: string,
    checksums: string,
    member: string,
  ) => {
    const base = `https://github.com/${repository}/releases/download/${tag}`;
    return file(tool, `${base}/${asset}`, `${base}/${checksums}`, member);
  };
  const kubernetes = (tool: ToolName): FileRelease => {
    const spec: ToolSpec = tools[tool];
    const url = `https://dl.k8s.io/${spec.version}/bin/linux/${architecture}/${spec.binary ?? tool}`;
    return file(tool, url, `${url}.sha256`);
  };
  const image = (tool: ToolName, registry: string, repository: string, member: string): ImageRelease => {
    const digest = committed[tool]?.image;
    const tag = version(tool);
    return { kind: 'image', registry, repository, tag, architecture, member, ...(digest && { digest }) };
  };
  const fluxController = (tool: ToolName): ImageRelease =>
    image(tool, 'ghcr.io', `fluxcd/${tool}`, `usr/local/bin/${tool}`);

  const { pulumi, helm, etcd, kustomize, kubeconform, actionlint, alertmanager } = tools;
  const actionlintFile = `actionlint_${actionlint.version.slice(1)}`;
  const helmArchive = `https://get.helm.sh/helm-${helm.version}-linux-${architecture}.tar.gz`;
  const pulumiArchitecture = architecture === 'amd64' ? 'x64' : 'arm64';
  const craneArchitecture = architecture === 'amd64' ? 'x86_64' : 'arm64';
  const victoria = (tool: ToolName, repository: string, archive: string): FileRelease => {
    const name = `${archive}-linux-${architecture}-${version(tool)}`;
    const checksums = `${name}_checksums.txt`;
    return gitHub(tool, `VictoriaMetrics/${repository}`, version(tool), `${name}.tar.gz`, checksums, `${tool}-prod`);
  };
  const utility = (tool: ToolName): FileRelease => victoria(tool, 'VictoriaMetrics', 'vmutils');
  const alertmanagerFolder = `alertmanager-${alertmanager.version.slice(1)}.linux-${architecture}`;
  const prometheus = (tool: 'alertmanager' | 'amtool'): FileRelease =>
    gitHub(
      tool,
      'prometheus/alertmanager',
      alertmanager.version,
      `${alertmanagerFolder}.tar.gz`,
      'sha256sums.txt',
      `${alertmanagerFolder}/${tool}`,
    );
  const etcdFolder = `etcd-${etcd.version}-linux-${architecture}`;
  return {
    pulumi: file(
      'pulumi',
      `https://get.pulumi.com/releases/sdk/pulumi-${pulumi.version}-linux-${pulumiArchitecture}.tar.gz`,
      `https://github.com/pulumi/pulumi/releases/download/${pulumi.version}/pulumi-${pulumi.version.slice(1)}-checksums.txt`,
      'pulumi/pulumi',
    ),
    helm: file('helm', helmArchive, `${helmArchive}.sha256sum`, `linux-${architecture}/helm`),
    etcd: gitHub('etcd', 'etcd-io/etcd', etcd.version, `${etcdFolder}.tar.gz`, 'SHA256SUMS', `${etcdFolder}/etcd`),
    'kube-apiserver': kubernetes('kube-apiserver'),
    'kube-controller-manager': kubernetes('kube-controller-manager'),
    'kube-scheduler': kubernetes('kube-scheduler'),
    kubectl: kubernetes('kubectl'),
    'kube-apiserver-next': kubernetes('kube-apiserver-next'),
    'kube-controller-manager-next': kubernetes('kube-controller-manager-next'),
    'kube-scheduler-next': kubernetes('kube-scheduler-next'),
    // Its GitHub release has the binary but no checksum file; the image has both.
    kwok: image('kwok', 'registry.k8s.io', 'kwok/kwok', 'usr/local/bin/kwok'),
    crane: gitHub(
      'crane',
      'google/go-containerregistry',
      version('crane'),
      `go-containerregistry_Linux_${craneArchitecture}.tar.gz`,
      'checksums.txt',
      'crane',
    ),
    'source-controller': fluxController('source-controller'),
    'kustomize-controller': fluxController('kustomize-controller'),
    'helm-controller': fluxController('helm-controller'),
    'flux-operator': image('flux-operator', 'ghcr.io', 'controlplaneio-fluxcd/flux-operator', 'flux-operator'),
    'external-secrets': image(
      'external-secrets',
      'ghcr.io',
      'external-secrets/external-secrets',
      'bin/external-secrets',
    ),
    kustomize: gitHub(
      'kustomize',
      'kubernetes-sigs/kustomize',
      `kustomize%2F${kustomize.version}`,
      `kustomize_${kustomize.version}_linux_${architecture}.tar.gz`,
      'checksums.txt',
      'kustomize',
    ),
    kubeconform: gitHub(
      'kubeconform',
      'yannh/kubeconform',
      kubeconform.version,
      `kubeconform-linux-${architecture}.tar.gz`,
      'CHECKSUMS',
      'kubeconform',
    ),
    actionlint: gitHub(
      'actionlint',
      'rhysd/actionlint',
      actionlint.version,
      `${actionlintFile}_linux_${architecture}.tar.gz`,
      `${actionlintFile}_checksums.txt`,
      'actionlint',
    ),
    'victoria-metrics': victoria('victoria-metrics', 'VictoriaMetrics', 'victoria-metrics'),
    vmagent: utility('vmagent'),
    vmauth: utility('vmauth'),
    vmalert: utility('vmalert'),
    'vmalert-tool': utility('vmalert-tool'),
    'victoria-logs': victoria('victoria-logs', 'VictoriaLogs', 'victoria-logs'),
    alertmanager: prometheus('alertmanager'),
    amtool: prometheus('amtool'),
  };
}

/** The URL that stands for a release in messages and in the record of a download. */
export function releaseUrl(release: Release): string {
  if (release.kind === 'file') return release.url;
  const { registry, repository, tag, digest } = release;
  return `${registry}/${repository}:${tag}${digest === undefined ? '' : `@sha256:${digest}`}`;
}

/** The host that a release is requested from first. */
export function releaseHost(release: Release): string {
  return release.kind === 'file' ? new URL(release.url).host : release.registry;
}
