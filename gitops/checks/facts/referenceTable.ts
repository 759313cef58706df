/** The object that a reference names. */
export interface Target {
  /** `group/Kind`. */
  kind: string;
  /** Absent for a kind without a namespace. */
  namespace?: string;
  name: string;
}

/** What a reference names: one kind, or the kind that fields next to the name give. */
export type ReferenceTarget =
  | string
  | {
      /** Field with the kind. */
      kind: string;
      /** Field with the API group, or with an apiVersion. */
      group?: string;
      /** `group/Kind` where these fields are left out. */
      default?: string;
      /** API groups of kinds where the group is left out; other kinds are not references. */
      kinds?: Readonly<Record<string, string>>;
    };

/** One way in which objects refer to others by name. */
export interface ReferenceRow {
  /** Kinds that have it: `group/Kind`, `group/*` or `*`; the core group is empty. */
  of: string;
  /**
   * Fields down to the one with the name; lists are left out. `**` is any number of fields, and `*` within a field any text.
   */
  at: string;
  /** The kind that is meant, as `group/Kind`; nothing if the field looks like a reference and is none. */
  to: ReferenceTarget | undefined;
  /** Field next to the name that gives the namespace; without it, or without a value, it is the object's own. */
  namespace?: string;
  /** The namespace of all such references, if it is not the object's own: a function of the cluster in `makers.ts`. */
  fixedNamespace?: 'certManager' | 'ciliumBgpSecrets';
  /** Only if this field is next to the name. */
  needs?: string;
  /** The rule that reports it; `reference-missing` if omitted. */
  rule?: string;
}

const sources = {
  GitRepository: 'source.toolkit.fluxcd.io',
  OCIRepository: 'source.toolkit.fluxcd.io',
  Bucket: 'source.toolkit.fluxcd.io',
  HelmRepository: 'source.toolkit.fluxcd.io',
  HelmChart: 'source.toolkit.fluxcd.io',
  ExternalArtifact: 'source.toolkit.fluxcd.io',
} as const;

const fluxKinds = {
  ...sources,
  Kustomization: 'kustomize.toolkit.fluxcd.io',
  HelmRelease: 'helm.toolkit.fluxcd.io',
  ImageRepository: 'image.toolkit.fluxcd.io',
  ImagePolicy: 'image.toolkit.fluxcd.io',
  ImageUpdateAutomation: 'image.toolkit.fluxcd.io',
} as const;

const configMapOrSecret = { kind: 'kind', kinds: { ConfigMap: '', Secret: '' } } as const;

const secret = '/Secret';
const configMap = '/ConfigMap';
const account = '/ServiceAccount';
const service = '/Service';
const storageClass = 'storage.k8s.io/StorageClass';
const snapshotClass = 'snapshot.storage.k8s.io/VolumeSnapshotClass';
const gatewayApi = 'gateway.networking.k8s.io';

/**
 * The references by name of Kubernetes and of the CRDs in use, after their schemas. The first row that matches a field
 * decides. A test walks the schemas: every field that looks like a reference has a row here.
 */
export const referenceTable: readonly ReferenceRow[] = [
  // Flux: Kustomizations and releases
  {
    of: 'kustomize.toolkit.fluxcd.io/Kustomization',
    at: 'spec.sourceRef.name',
    to: { kind: 'kind', kinds: sources },
    namespace: 'namespace',
    rule: 'kustomization-source-missing',
  },
  ...['kustomize.toolkit.fluxcd.io/Kustomization', 'helm.toolkit.fluxcd.io/HelmRelease'].flatMap(
    (kind): ReferenceRow[] => [
      { of: kind, at: 'spec.dependsOn.name', to: kind, namespace: 'namespace', rule: 'depends-on-nothing' },
      { of: kind, at: 'spec.serviceAccountName', to: account, rule: 'service-account-missing' },
    ],
  ),
  // Reported while rendering, as substitute-from-missing.
  { of: 'kustomize.toolkit.fluxcd.io/Kustomization', at: 'spec.postBuild.substituteFrom.name', to: undefined },
  {
    of: 'kustomize.toolkit.fluxcd.io/Kustomization',
    at: 'spec.healthChecks.name',
    to: { kind: 'kind', group: 'apiVersion' },
    namespace: 'namespace',
  },
  {
    of: 'helm.toolkit.fluxcd.io/HelmRelease',
    at: 'spec.valuesFrom.name',
    to: configMapOrSecret,
    rule: 'release-values-missing',
  },
  {
    of: 'helm.toolkit.fluxcd.io/HelmRelease',
    at: 'spec.chart.spec.sourceRef.name',
    to: { kind: 'kind', kinds: sources },
    namespace: 'namespace',
    rule: 'chart-source-missing',
  },
  {
    of: 'helm.toolkit.fluxcd.io/HelmRelease',
    at: 'spec.chartRef.name',
    to: { kind: 'kind', kinds: sources },
    namespace: 'namespace',
    rule: 'chart-source-missing',
  },
  // Flux: sources, notifications, images, the operator
  {
    of: 'source.toolkit.fluxcd.io/GitRepository',
    at: 'spec.include.repository.name',
    to: 'source.toolkit.fluxcd.io/GitRepository',
  },
  { of: 'source.toolkit.fluxcd.io/HelmChart', at: 'spec.sourceRef.name', to: { kind: 'kind', kinds: sources } },
  {
    of: 'source.extensions.fluxcd.io/ArtifactGenerator',
    at: 'spec.sources.name',
    to: { kind: 'kind', kinds: sources },
    namespace: 'namespace',
  },
  {
    of: 'image.toolkit.fluxcd.io/ImagePolicy',
    at: 'spec.imageRepositoryRef.name',
    to: 'image.toolkit.fluxcd.io/ImageRepository',
    namespace: 'namespace',
  },
  {
    of: 'image.toolkit.fluxcd.io/ImageUpdateAutomation',
    at: 'spec.sourceRef.name',
    to: { kind: 'kind', default: 'source.toolkit.fluxcd.io/GitRepository', kinds: sources },
    namespace: 'namespace',
  },
  {
    of: 'notification.toolkit.fluxcd.io/Alert',
    at: 'spec.providerRef.name',
    to: 'notification.toolkit.fluxcd.io/Provider',
  },
  {
    of: 'notification.toolkit.fluxcd.io/Alert',
    at: 'spec.eventSources.name',
    to: { kind: 'kind', kinds: fluxKinds },
    namespace: 'namespace',
  },
  {
    of: 'notification.toolkit.fluxcd.io/Receiver',
    at: 'spec.resources.name',
    to: { kind: 'kind', kinds: fluxKinds },
    namespace: 'namespace',
  },
  {
    of: 'fluxcd.controlplane.io/ResourceSet',
    at: 'spec.inputsFrom.name',
    to: 'fluxcd.controlplane.io/ResourceSetInputProvider',
  },
  {
    of: 'fluxcd.controlplane.io/ResourceSet',
    at: 'spec.dependsOn.name',
    to: { kind: 'kind', group: 'apiVersion' },
    namespace: 'namespace',
  },
  ...['sync.pullSecret', 'distribution.imagePullSecret', 'distribution.artifactPullSecret'].map(
    (path): ReferenceRow => ({ of: 'fluxcd.controlplane.io/FluxInstance', at: `spec.${path}`, to: secret }),
  ),
  ...['kustomize', 'helm'].flatMap((name): ReferenceRow[] => [
    { of: `${name}.toolkit.fluxcd.io/*`, at: '**.secretRef.name', to: secret },
    { of: `${name}.toolkit.fluxcd.io/*`, at: '**.configMapRef.name', to: configMap },
  ]),
  ...['source', 'image', 'notification'].flatMap((name): ReferenceRow[] => [
    { of: `${name}.toolkit.fluxcd.io/*`, at: 'spec.serviceAccountName', to: account },
    ...['secretRef', 'certSecretRef', 'proxySecretRef'].map((field): ReferenceRow => ({
      of: `${name}.toolkit.fluxcd.io/*`,
      at: `**.${field}.name`,
      to: secret,
    })),
  ]),
  { of: 'kustomize.toolkit.fluxcd.io/Kustomization', at: 'spec.decryption.serviceAccountName', to: account },
  { of: 'fluxcd.controlplane.io/*', at: 'spec.serviceAccountName', to: account },
  { of: 'fluxcd.controlplane.io/*', at: 'spec.secretRef.name', to: secret },
  { of: 'fluxcd.controlplane.io/*', at: 'spec.certSecretRef.name', to: secret },

  // cert-manager
  {
    of: 'cert-manager.io/*',
    at: '**.issuerRef.name',
    to: {
      kind: 'kind',
      group: 'group',
      default: 'cert-manager.io/Issuer',
      kinds: { Issuer: 'cert-manager.io', ClusterIssuer: 'cert-manager.io' },
    },
  },
  // The account's key: cert-manager makes the Secret.
  { of: 'cert-manager.io/*', at: 'spec.acme.privateKeySecretRef.name', to: undefined },
  { of: 'cert-manager.io/Certificate', at: 'spec.secretName', to: undefined },
  { of: 'cert-manager.io/Certificate', at: 'spec.keystores.**.passwordSecretRef.name', to: secret },
  ...['Issuer', 'ClusterIssuer'].flatMap((kind): ReferenceRow[] => {
    const of = `cert-manager.io/${kind}`;
    // The Secrets of a ClusterIssuer are in cert-manager's own namespace.
    const rest = kind === 'Issuer' ? {} : ({ fixedNamespace: 'certManager' } as const);
    return [
      {
        of,
        at: '**.gatewayHTTPRoute.parentRefs.name',
        to: { kind: 'kind', group: 'group', default: `${gatewayApi}/Gateway`, kinds: { Gateway: gatewayApi } },
        namespace: 'namespace',
      },
      { of, at: '**.ingressClassName', to: 'networking.k8s.io/IngressClass' },
      // Of the pods that solve a challenge, which run in the namespace of the Certificate.
      { of, at: '**.podTemplate.**.*', to: undefined },
      { of, at: '**.serviceAccountRef.name', to: account, ...rest },
      { of, at: '**.*SecretRef.name', to: secret, ...rest },
      { of, at: '**.secretRef.name', to: secret, ...rest },
      { of, at: '**.credentialsRef.name', to: secret, ...rest },
      { of, at: 'spec.ca.secretName', to: secret, ...rest },
      { of, at: 'spec.vault.auth.clientCertificate.secretName', to: secret, ...rest },
    ];
  }),

  // external-secrets
  ...['secretStoreRef', 'secretStoreRefs', 'storeRef'].map((field): ReferenceRow => ({
    of: 'external-secrets.io/*',
    at: `**.${field}.name`,
    to: {
      kind: 'kind',
      default: 'external-secrets.io/SecretStore',
      kinds: { SecretStore: 'external-secrets.io', ClusterSecretStore: 'external-secrets.io' },
    },
    rule: 'secret-store-missing',
  })),
  {
    of: 'external-secrets.io/*',
    at: '**.generatorRef.name',
    to: { kind: 'kind', group: 'apiVersion' },
  },
  { of: 'external-secrets.io/*', at: '**.templateFrom.configMap.name', to: configMap },
  { of: 'external-secrets.io/*', at: '**.templateFrom.secret.name', to: secret },
  { of: 'external-secrets.io/PushSecret', at: 'spec.selector.secret.name', to: secret },
  { of: 'external-secrets.io/ClusterPushSecret', at: 'spec.pushSecretSpec.selector.secret.name', to: secret },
  ...['SecretStore', 'ClusterSecretStore'].flatMap((kind): ReferenceRow[] => {
    const of = `external-secrets.io/${kind}`;
    // A SecretStore must not use another namespace; the field counts for a ClusterSecretStore alone.
    const rest = kind === 'SecretStore' ? {} : { namespace: 'namespace' };
    return [
      {
        of,
        at: 'spec.provider.**.caProvider.name',
        to: { kind: 'type', kinds: { Secret: '', ConfigMap: '' } },
        ...rest,
      },
      { of, at: 'spec.provider.**.serviceAccountRef.name', to: account, ...rest },
      { of, at: 'spec.provider.**.serviceAccount.name', to: account, ...rest },
      { of, at: 'spec.provider.**.*ecretRef.name', to: secret, ...rest },
      { of, at: 'spec.provider.**.name', to: secret, needs: 'key', ...rest },
    ];
  }),

  // Gateway API
  { of: `${gatewayApi}/Gateway`, at: 'spec.gatewayClassName', to: `${gatewayApi}/GatewayClass` },
  {
    of: `${gatewayApi}/Gateway`,
    at: 'spec.listeners.tls.certificateRefs.name',
    to: { kind: 'kind', group: 'group', default: secret, kinds: { Secret: '' } },
    namespace: 'namespace',
  },
  { of: `${gatewayApi}/*`, at: '**.parametersRef.name', to: { kind: 'kind', group: 'group' }, namespace: 'namespace' },
  {
    of: `${gatewayApi}/*`,
    at: 'spec.parentRefs.name',
    to: { kind: 'kind', group: 'group', default: `${gatewayApi}/Gateway`, kinds: { Gateway: gatewayApi, Service: '' } },
    namespace: 'namespace',
  },
  ...['backendRefs', 'backendRef'].map((field): ReferenceRow => ({
    of: `${gatewayApi}/*`,
    at: `**.${field}.name`,
    to: { kind: 'kind', group: 'group', default: service, kinds: { Service: '' } },
    namespace: 'namespace',
  })),
  { of: `${gatewayApi}/*`, at: '**.extensionRef.name', to: { kind: 'kind', group: 'group' } },

  // Cilium
  {
    of: 'cilium.io/CiliumBGPClusterConfig',
    at: 'spec.bgpInstances.peers.peerConfigRef.name',
    to: 'cilium.io/CiliumBGPPeerConfig',
  },
  { of: 'cilium.io/CiliumBGPPeerConfig', at: 'spec.authSecretRef', to: secret, fixedNamespace: 'ciliumBgpSecrets' },
  { of: 'cilium.io/*', at: '**.cidrGroupRef', to: 'cilium.io/CiliumCIDRGroup' },
  { of: 'cilium.io/*', at: '**.k8sService.serviceName', to: service, namespace: 'namespace', needs: 'namespace' },
  {
    of: 'cilium.io/*',
    at: '**.listener.envoyConfig.name',
    to: {
      kind: 'kind',
      kinds: { CiliumEnvoyConfig: 'cilium.io', CiliumClusterwideEnvoyConfig: 'cilium.io' },
    },
  },
  { of: 'cilium.io/*', at: '**.secret.name', to: secret, namespace: 'namespace', needs: 'namespace' },
  { of: 'cilium.io/*', at: 'spec.services.name', to: service, namespace: 'namespace' },
  { of: 'cilium.io/*', at: 'spec.backendServices.name', to: service, namespace: 'namespace' },
  {
    of: 'cilium.io/CiliumLocalRedirectPolicy',
    at: '**.serviceMatcher.serviceName',
    to: service,
    namespace: 'namespace',
  },

  // Rook, VolSync, snapshots
  ...['kafka.*SecretRef.name', 'keys.accessKeyRef.name'].map((path): ReferenceRow => ({
    of: 'ceph.rook.io/*',
    at: `**.${path}`,
    to: secret,
  })),
  ...['serviceUserSecretName', 'tokenSecretName', 'peers.secretNames'].map((path): ReferenceRow => ({
    of: 'ceph.rook.io/*',
    at: `**.${path}`,
    to: secret,
  })),
  { of: '*', at: '**.volumeSource.secret.secretName', to: secret },
  { of: '*', at: '**.volumeSource.configMap.name', to: configMap },
  { of: '*', at: '**.volumeSource.persistentVolumeClaim.claimName', to: '/PersistentVolumeClaim' },
  { of: 'ceph.rook.io/CephFilesystemSubVolumeGroup', at: 'spec.filesystemName', to: 'ceph.rook.io/CephFilesystem' },
  { of: 'ceph.rook.io/CephObjectStoreUser', at: 'spec.store', to: 'ceph.rook.io/CephObjectStore' },
  { of: 'ceph.rook.io/CephBlockPoolRadosNamespace', at: 'spec.blockPoolName', to: 'ceph.rook.io/CephBlockPool' },
  {
    of: 'ceph.rook.io/CephBucketTopic',
    at: 'spec.objectStoreName',
    to: 'ceph.rook.io/CephObjectStore',
    namespace: 'objectStoreNamespace',
  },
  { of: 'ceph.rook.io/CephObjectStore', at: 'spec.zone.name', to: 'ceph.rook.io/CephObjectZone' },
  { of: 'ceph.rook.io/CephObjectZone', at: 'spec.zoneGroup', to: 'ceph.rook.io/CephObjectZoneGroup' },
  { of: 'ceph.rook.io/CephObjectZoneGroup', at: 'spec.realm', to: 'ceph.rook.io/CephObjectRealm' },
  { of: 'ceph.rook.io/CephObjectStore', at: 'spec.gateway.sslCertificateRef', to: secret },
  { of: 'ceph.rook.io/CephObjectStore', at: 'spec.gateway.caBundleRef', to: secret },
  { of: 'volsync.backube/ReplicationSource', at: 'spec.sourcePVC', to: '/PersistentVolumeClaim' },
  { of: 'volsync.backube/*', at: 'spec.*.destinationPVC', to: '/PersistentVolumeClaim' },
  { of: 'volsync.backube/*', at: 'spec.restic.repository', to: secret },
  { of: 'volsync.backube/*', at: 'spec.rclone.rcloneConfig', to: secret },
  { of: 'volsync.backube/*', at: 'spec.*.sshKeys', to: secret },
  { of: 'volsync.backube/*', at: 'spec.rsyncTLS.keySecret', to: secret },
  { of: 'volsync.backube/*', at: '**.customCA.secretName', to: secret },
  { of: 'volsync.backube/*', at: '**.customCA.configMapName', to: configMap },
  { of: 'volsync.backube/*', at: '**.moverServiceAccount', to: account },
  { of: 'volsync.backube/*', at: '**.*torageClassName', to: storageClass },
  {
    of: 'snapshot.storage.k8s.io/VolumeSnapshot',
    at: 'spec.source.persistentVolumeClaimName',
    to: '/PersistentVolumeClaim',
  },
  {
    of: 'groupsnapshot.storage.k8s.io/VolumeGroupSnapshot',
    at: 'spec.source.volumeGroupSnapshotContentName',
    to: 'groupsnapshot.storage.k8s.io/VolumeGroupSnapshotContent',
  },
  {
    of: 'snapshot.storage.k8s.io/VolumeSnapshot',
    at: 'spec.source.volumeSnapshotContentName',
    to: 'snapshot.storage.k8s.io/VolumeSnapshotContent',
  },
  { of: '*', at: '**.volumeSnapshotClassName', to: snapshotClass },
  {
    of: '*',
    at: '**.volumeGroupSnapshotClassName',
    to: 'groupsnapshot.storage.k8s.io/VolumeGroupSnapshotClass',
  },

  // Databases and monitoring
  { of: 'barmancloud.cnpg.io/ObjectStore', at: 'spec.configuration.**.name', to: secret, needs: 'key' },
  ...['configMapRefs', 'customQueriesConfigMap', 'sources.configMap'].map((field): ReferenceRow => ({
    of: 'postgresql.cnpg.io/Cluster',
    at: `**.${field}.name`,
    to: configMap,
  })),
  ...['secret.name', 'secretRefs.name', '*Secret.name', 'certificates.*Secret'].map((path): ReferenceRow => ({
    of: 'postgresql.cnpg.io/*',
    at: `**.${path}`,
    to: secret,
  })),
  { of: 'postgresql.cnpg.io/Cluster', at: 'spec.bootstrap.recovery.backup.name', to: 'postgresql.cnpg.io/Backup' },
  {
    of: 'postgresql.cnpg.io/Cluster',
    at: 'spec.imageCatalogRef.name',
    to: { kind: 'kind', kinds: { ImageCatalog: 'postgresql.cnpg.io', ClusterImageCatalog: 'postgresql.cnpg.io' } },
  },
  ...['className', 'walClassName'].map((field): ReferenceRow => ({
    of: 'postgresql.cnpg.io/Cluster',
    at: `spec.backup.volumeSnapshot.${field}`,
    to: snapshotClass,
  })),
  ...['serviceAccount', 'serviceAccountName'].map((field): ReferenceRow => ({
    of: 'postgresql.cnpg.io/Pooler',
    at: `spec.template.spec.${field}`,
    to: account,
  })),
  { of: 'postgresql.cnpg.io/Cluster', at: '**.pvcTemplate.volumeName', to: '/PersistentVolume' },
  { of: 'postgresql.cnpg.io/Cluster', at: '**.name', to: secret, needs: 'key' },
  { of: 'dragonflydb.io/Dragonfly', at: 'spec.authentication.*.name', to: secret },
  { of: 'dragonflydb.io/Dragonfly', at: 'spec.tlsSecretRef.name', to: secret },
  { of: 'dragonflydb.io/Dragonfly', at: 'spec.serviceAccountName', to: account },
  { of: 'dragonflydb.io/Dragonfly', at: '**.storageClassName', to: storageClass },
  { of: 'postgresql.cnpg.io/*', at: 'spec.cluster.name', to: 'postgresql.cnpg.io/Cluster' },
  { of: 'postgresql.cnpg.io/Cluster', at: '**.storageClass', to: storageClass },
  { of: 'monitoring.coreos.com/*', at: '**.configMap.name', to: configMap, needs: 'key' },
  { of: 'monitoring.coreos.com/*', at: '**.name', to: secret, needs: 'key' },
  { of: 'operator.victoriametrics.com/*', at: '**.configMap.name', to: configMap, needs: 'key' },
  { of: 'operator.victoriametrics.com/*', at: '**.name', to: secret, needs: 'key' },

  // Kubernetes: workloads
  { of: '*', at: '**.secretKeyRef.name', to: secret },
  { of: '*', at: '**.configMapKeyRef.name', to: configMap },
  { of: '*', at: '**.envFrom.secretRef.name', to: secret },
  { of: '*', at: '**.envFrom.configMapRef.name', to: configMap },
  { of: '*', at: '**.imagePullSecrets.name', to: secret },
  { of: '*', at: '**.volumes.secret.secretName', to: secret },
  { of: '*', at: '**.volumes.configMap.name', to: configMap },
  { of: '*', at: '**.projected.sources.secret.name', to: secret },
  { of: '*', at: '**.projected.sources.configMap.name', to: configMap },
  { of: '*', at: '**.volumes.persistentVolumeClaim.claimName', to: '/PersistentVolumeClaim' },
  { of: '*', at: '**.volumes.*.secretRef.name', to: secret },
  { of: '*', at: '**.volumes.csi.nodePublishSecretRef.name', to: secret },
  { of: '*', at: '**.volumes.azureFile.secretName', to: secret },
  { of: 'apps/*', at: '**.serviceAccountName', to: account },
  { of: 'batch/*', at: '**.serviceAccountName', to: account },
  { of: '/*', at: '**.spec.serviceAccountName', to: account },
  // The old name of the field.
  ...['apps/*', 'batch/*', '/*'].map((of): ReferenceRow => ({ of, at: '**.spec.serviceAccount', to: account })),
  { of: '*', at: '**.projected.sources.clusterTrustBundle.name', to: 'certificates.k8s.io/ClusterTrustBundle' },
  { of: '*', at: '**.priorityClassName', to: 'scheduling.k8s.io/PriorityClass' },
  { of: '*', at: '**.runtimeClassName', to: 'node.k8s.io/RuntimeClass' },
  { of: '*', at: '**.resourceClaimName', to: 'resource.k8s.io/ResourceClaim' },
  { of: '*', at: '**.resourceClaimTemplateName', to: 'resource.k8s.io/ResourceClaimTemplate' },
  { of: 'resource.k8s.io/*', at: '**.deviceClassName', to: 'resource.k8s.io/DeviceClass' },
  { of: 'apps/StatefulSet', at: 'spec.serviceName', to: service },
  {
    of: 'autoscaling/HorizontalPodAutoscaler',
    at: 'spec.scaleTargetRef.name',
    to: { kind: 'kind', group: 'apiVersion' },
  },
  {
    of: 'autoscaling.k8s.io/VerticalPodAutoscaler',
    at: 'spec.targetRef.name',
    to: { kind: 'kind', group: 'apiVersion' },
  },
  {
    of: 'keda.sh/*',
    at: 'spec.scaleTargetRef.name',
    to: {
      kind: 'kind',
      group: 'apiVersion',
      default: 'apps/Deployment',
    },
  },
  {
    of: 'keda.sh/*',
    at: 'spec.triggers.authenticationRef.name',
    to: {
      kind: 'kind',
      default: 'keda.sh/TriggerAuthentication',
      kinds: { TriggerAuthentication: 'keda.sh', ClusterTriggerAuthentication: 'keda.sh' },
    },
  },
  // Kubernetes: storage. The class of a PersistentVolume is a label that need not exist.
  { of: '/PersistentVolume', at: 'spec.storageClassName', to: undefined },
  { of: '/PersistentVolume', at: 'spec.csi.*SecretRef.name', to: secret, namespace: 'namespace' },
  { of: '/PersistentVolume', at: 'spec.*.secretRef.name', to: secret, namespace: 'namespace' },
  { of: '/PersistentVolume', at: 'spec.azureFile.secretName', to: secret, namespace: 'secretNamespace' },
  { of: '*', at: '**.storageClassName', to: storageClass },
  { of: '*', at: '**.volumeAttributesClassName', to: 'storage.k8s.io/VolumeAttributesClass' },
  { of: '/PersistentVolumeClaim', at: 'spec.volumeName', to: '/PersistentVolume' },
  { of: '*', at: '**.volumeClaimTemplate*.spec.volumeName', to: '/PersistentVolume' },
  ...['dataSource', 'dataSourceRef'].map((field): ReferenceRow => ({
    of: '*',
    at: `**.${field}.name`,
    to: { kind: 'kind', group: 'apiGroup', kinds: { PersistentVolumeClaim: '' } },
    namespace: 'namespace',
  })),
  // Kubernetes: networking and the API
  { of: 'networking.k8s.io/Ingress', at: 'spec.ingressClassName', to: 'networking.k8s.io/IngressClass' },
  { of: 'networking.k8s.io/Ingress', at: '**.service.name', to: service },
  { of: 'networking.k8s.io/Ingress', at: '**.resource.name', to: { kind: 'kind', group: 'apiGroup' } },
  { of: 'networking.k8s.io/Ingress', at: 'spec.tls.secretName', to: secret },
  {
    of: 'networking.k8s.io/IngressClass',
    at: 'spec.parameters.name',
    to: { kind: 'kind', group: 'apiGroup' },
    namespace: 'namespace',
  },
  { of: '*', at: '**.clientConfig.service.name', to: service, namespace: 'namespace' },
  { of: 'apiregistration.k8s.io/APIService', at: 'spec.service.name', to: service, namespace: 'namespace' },
  ...['ValidatingAdmissionPolicy', 'MutatingAdmissionPolicy'].map((kind): ReferenceRow => ({
    of: `admissionregistration.k8s.io/${kind}Binding`,
    at: 'spec.policyName',
    to: `admissionregistration.k8s.io/${kind}`,
  })),
  {
    of: 'rbac.authorization.k8s.io/*',
    at: 'roleRef.name',
    to: { kind: 'kind', kinds: { Role: 'rbac.authorization.k8s.io', ClusterRole: 'rbac.authorization.k8s.io' } },
  },
  {
    of: 'rbac.authorization.k8s.io/*',
    at: 'subjects.name',
    to: { kind: 'kind', kinds: { ServiceAccount: '' } },
    namespace: 'namespace',
  },
  {
    of: 'flowcontrol.apiserver.k8s.io/FlowSchema',
    at: 'spec.priorityLevelConfiguration.name',
    to: 'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration',
  },
  {
    of: 'flowcontrol.apiserver.k8s.io/FlowSchema',
    at: 'spec.rules.subjects.serviceAccount.name',
    to: account,
    namespace: 'namespace',
  },
  { of: '/ServiceAccount', at: 'secrets.name', to: secret },
];

/** References in annotations, which no schema shows: annotation, kinds that have it, what it names. */
export const annotationReferences: readonly { of: string; annotation: string; to: string }[] = [
  ...['networking.k8s.io/Ingress', `${gatewayApi}/Gateway`].flatMap((of) => [
    { of, annotation: 'cert-manager.io/cluster-issuer', to: 'cert-manager.io/ClusterIssuer' },
    { of, annotation: 'cert-manager.io/issuer', to: 'cert-manager.io/Issuer' },
  ]),
];

/** Parameters in which classes of CSI drivers name a Secret, each with the one for its namespace. */
export const secretParameters = {
  of: [storageClass, snapshotClass, 'groupsnapshot.storage.k8s.io/VolumeGroupSnapshotClass'],
  name: /^csi\.storage\.k8s\.io\/(.*)secret-name$/,
  namespace: (prefix: string) => `csi.storage.k8s.io/${prefix}secret-namespace`,
} as const;

/** Kinds without a namespace among those that references name. */
export const clusterScopedKinds: ReadonlySet<string> = new Set([
  '/PersistentVolume',
  '/Namespace',
  '/Node',
  storageClass,
  'storage.k8s.io/VolumeAttributesClass',
  'storage.k8s.io/CSIDriver',
  snapshotClass,
  'snapshot.storage.k8s.io/VolumeSnapshotContent',
  'groupsnapshot.storage.k8s.io/VolumeGroupSnapshotContent',
  'certificates.k8s.io/ClusterTrustBundle',
  'resource.k8s.io/DeviceClass',
  'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration',
  'cilium.io/CiliumClusterwideEnvoyConfig',
  'groupsnapshot.storage.k8s.io/VolumeGroupSnapshotClass',
  'scheduling.k8s.io/PriorityClass',
  'node.k8s.io/RuntimeClass',
  'networking.k8s.io/IngressClass',
  `${gatewayApi}/GatewayClass`,
  'rbac.authorization.k8s.io/ClusterRole',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/MutatingAdmissionPolicy',
  'apiextensions.k8s.io/CustomResourceDefinition',
  'apiregistration.k8s.io/APIService',
  'cert-manager.io/ClusterIssuer',
  'external-secrets.io/ClusterSecretStore',
  'external-secrets.io/ClusterExternalSecret',
  'generators.external-secrets.io/ClusterGenerator',
  'keda.sh/ClusterTriggerAuthentication',
  'cilium.io/CiliumBGPPeerConfig',
  'cilium.io/CiliumBGPClusterConfig',
  'cilium.io/CiliumBGPAdvertisement',
  'cilium.io/CiliumCIDRGroup',
  'cilium.io/CiliumLoadBalancerIPPool',
  'cilium.io/CiliumClusterwideNetworkPolicy',
  'kyverno.io/ClusterPolicy',
]);
