const perNamespace = 10;

/** The entry point of a generated tree. */
export const generatedEntry = 'clusters/a';

/**
 * The files of a Flux repository with this many apps, by path. Each app is a Flux Kustomization with a HelmRelease, an
 * OCIRepository and a ConfigMap; ten apps share a namespace and depend on each other in a row. Manifests use settings of the
 * cluster.
 */
export function generatedTree(apps: number): Record<string, string> {
  const namespaces = Math.ceil(apps / perNamespace);
  const files: Record<string, string> = {
    'clusters/a/kustomization.yaml': kustomization(['settings.yaml', 'workloads.yaml']),
    'clusters/a/settings.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
  namespace: flux-system
data:
  DOMAIN: example.org
  TIMEZONE: Europe/Berlin
`,
    'clusters/a/workloads.yaml': fluxKustomization('workloads', 'flux-system', 'workloads'),
    'workloads/kustomization.yaml': kustomization(range(namespaces).map((index) => `./n${index}`)),
  };
  for (const index of range(namespaces)) {
    const folder = `workloads/n${index}`;
    const names = range(Math.min(perNamespace, apps - index * perNamespace)).map((app) => `n${index}-app${app}`);
    files[`${folder}/kustomization.yaml`] = kustomization([
      'namespace.yaml',
      ...names.map((name) => `${name}/ks.yaml`),
    ]);
    files[`${folder}/namespace.yaml`] = `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: n${index}\n`;
    names.forEach((name, app) => {
      const path = `${folder}/${name}`;
      files[`${path}/ks.yaml`] = fluxKustomization(name, `n${index}`, `${path}/app`, true, names[app - 1]);
      files[`${path}/app/kustomization.yaml`] = kustomization(['release.yaml', 'source.yaml', 'config.yaml']);
      files[`${path}/app/release.yaml`] = release(name);
      files[`${path}/app/source.yaml`] = source(name);
      files[`${path}/app/config.yaml`] = config(name);
    });
  }
  return files;
}

const range = (length: number): number[] => Array.from({ length }, (_, index) => index);

const kustomization = (resources: readonly string[]): string =>
  `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
${resources.map((resource) => `  - ${resource}\n`).join('')}`;

const fluxKustomization = (name: string, namespace: string, path: string, isApp = false, after?: string): string => {
  const target = isApp ? `  targetNamespace: ${namespace}\n` : '';
  const dependency = after === undefined ? '' : `  dependsOn:\n    - name: ${after}\n`;
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  interval: 1h
  retryInterval: 2m
  timeout: 5m
  path: ./${path}
  prune: true
${target}  sourceRef:
    kind: GitRepository
    name: flux-system
    namespace: flux-system
  postBuild:
    substitute:
      APP: ${name}
      DOMAIN: example.org
${dependency}`;
};

const release = (name: string): string => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: ${name}
spec:
  interval: 1h
  chartRef:
    kind: OCIRepository
    name: ${name}
  install:
    remediation:
      retries: 3
  values:
    controllers:
      app:
        replicas: 2
        containers:
          app:
            image:
              repository: ghcr.io/example/\${APP}
              tag: 1.2.3
            env:
              TZ: Europe/Berlin
              LOG_LEVEL: info
            resources:
              requests:
                cpu: 10m
                memory: 128Mi
              limits:
                memory: 256Mi
    service:
      app:
        ports:
          http:
            port: 8080
    route:
      app:
        hostnames:
          - "\${APP}.\${DOMAIN}"
`;

const source = (name: string): string => `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: ${name}
spec:
  interval: 1h
  url: oci://ghcr.io/example/charts/app
  ref:
    tag: 4.5.6
  layerSelector:
    mediaType: application/vnd.cncf.helm.chart.content.v1.tar+gzip
    operation: copy
`;

const config = (name: string): string => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
data:
  url: "https://\${APP}.\${DOMAIN}"
  mode: production
`;
