import type { Case } from './cases';
import type { State } from './change';
import { deployment, object, release } from './manifests';

const web = deployment('web');
const ns = (level: string): string =>
  `---\napiVersion: v1\nkind: Namespace\nmetadata: {name: app, labels: {pod-security.kubernetes.io/enforce: ${level}}}\n`;
const rbac = 'rbac.authorization.k8s.io/v1';
const role = (rules: string): string => object(rbac, 'Role', 'r', `rules: [${rules}]`);
const getPods = '{apiGroups: [""], resources: [pods], verbs: [get]}';
const binding = (name: string, subjects: string): string =>
  `---\napiVersion: ${rbac}\nkind: ClusterRoleBinding\nmetadata: {name: b}\nroleRef: {kind: ClusterRole, name: ${name}}\nsubjects: [${subjects}]\n`;
const account = (name: string): string => `{kind: ServiceAccount, namespace: app, name: ${name}}`;
const policy = (name: string, spec: string): string =>
  object('networking.k8s.io/v1', 'NetworkPolicy', name, `spec: {podSelector: {}, policyTypes: [Ingress], ${spec}}`);
const fromApp = '{from: [{podSelector: {matchLabels: {app: a}}}], ports: [{port: 80}]}';
const fromAnyone = '{ports: [{port: 80}]}';
const cilium = (rules: string): string =>
  object('cilium.io/v2', 'CiliumNetworkPolicy', 'c', `spec: {endpointSelector: {}, egress: [${rules}]}`);
const toDns = '{toEndpoints: [{matchLabels: {k8s-app: kube-dns}}], toPorts: [{ports: [{port: "53"}]}]}';
const toDnsAndWorld =
  '{toEndpoints: [{matchLabels: {k8s-app: kube-dns}}], toEntities: [world], toPorts: [{ports: [{port: "53"}]}]}';
const fluxInstance = (on: string): string =>
  object('fluxcd.controlplane.io/v1', 'FluxInstance', 'flux', `spec: {cluster: {networkPolicy: ${on}}}`);
const reader = (name: string, secret: string): string =>
  deployment(name, { container: `envFrom: [{secretRef: {name: ${secret}}}]` });
const item = (name: string, key: string): string =>
  object(
    'external-secrets.io/v1',
    'ExternalSecret',
    name,
    `spec: {secretStoreRef: {name: s}, target: {name: ${name}}, dataFrom: [{extract: {key: ${key}}}]}`,
  );
const scaler = object(
  'autoscaling/v2',
  'HorizontalPodAutoscaler',
  'h',
  'spec: {scaleTargetRef: {kind: Deployment, name: web}}',
);
const pdb = (spec: string): string => object('policy/v1', 'PodDisruptionBudget', 'p', `spec: {${spec}}`);
const probe = 'readinessProbe: {httpGet: {port: 80}}';
const config = (value: string, metadata = ''): string =>
  object('v1', 'ConfigMap', 'a', `data: {a: ${value}}`, metadata);
const mark = (name: string, value: string): string => `annotations: {kustomize.toolkit.fluxcd.io/${name}: ${value}}`;
const on = (...names: string[]) => ({ dependsOn: names.map((name) => ({ name })) });
const many = (count: number, value: string): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `k${index}`,
      object('v1', 'ConfigMap', `c${index}`, `data: {a: ${value}}`),
    ]),
  );
const waiting = (count: number, value: string): State => ({
  base: config(value),
  ...Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, { spec: on('base') }])),
});

const access: Record<string, Case> = {
  'container-privileged': {
    raises: {
      before: web + release('x', { values: '{a: 1}' }),
      after:
        deployment('web', {
          container: 'securityContext: {privileged: true, capabilities: {add: [NET_ADMIN, NET_BIND_SERVICE]}}',
        }) + release('x', { values: '{a: 1, securityContext: {privileged: true}}' }),
      says: [
        'Deployment app/web: container main becomes privileged; container main gets the capability NET_ADMIN',
        'HelmRelease app/x: spec.values.securityContext.privileged becomes true',
      ],
    },
    silent: {
      'it was so before': {
        before: deployment('web', { container: 'securityContext: {privileged: true}' }),
        after: deployment('web', { container: 'securityContext: {privileged: true}', replicas: 3 }),
      },
      'a harmless capability': {
        before: web,
        after: deployment('web', { container: 'securityContext: {capabilities: {add: [NET_BIND_SERVICE]}}' }),
      },
      'it loses it': {
        before: release('x', { values: '{privileged: true}' }),
        after: release('x', { values: '{privileged: false}' }),
      },
    },
  },
  'host-access': {
    raises: {
      before: web,
      after:
        deployment('web', {
          pod: 'hostNetwork: true, volumes: [{name: v, hostPath: {path: /var/lib}}]',
          container: 'volumeMounts: [{name: v}]',
        }) + release('new', { values: '{persistence: {dri: {type: hostPath, hostPath: /dev/dri}}}' }),
      says: [
        'Deployment app/web: its pods get hostNetwork; its pods mount /var/lib of the node',
        'HelmRelease app/new: spec.values.persistence.dri.hostPath becomes /dev/dri',
      ],
    },
    silent: {
      'another volume': { before: web, after: deployment('web', { pod: 'volumes: [{name: v, emptyDir: {}}]' }) },
      'it may only read what it could write': {
        before: deployment('web', {
          pod: 'volumes: [{name: v, hostPath: {path: /var/lib}}]',
          container: 'volumeMounts: [{name: v}]',
        }),
        after: deployment('web', {
          pod: 'volumes: [{name: v, hostPath: {path: /var/lib}}]',
          container: 'volumeMounts: [{name: v, readOnly: true}]',
        }),
      },
    },
  },
  'pod-security-lowered': {
    raises: {
      before: ns('restricted'),
      after: ns('privileged'),
      says: ['Namespace app: pod-security.kubernetes.io/enforce goes from restricted to privileged'],
    },
    silent: { 'it is raised': { before: ns('baseline'), after: ns('restricted') } },
  },
  'rbac-powerful': {
    raises: {
      before: role(getPods) + binding('cluster-admin', account('a')),
      after:
        role(`${getPods}, {apiGroups: [""], resources: [secrets], verbs: [list]}`) +
        binding('cluster-admin', `${account('a')}, ${account('b')}`),
      says: ['ClusterRoleBinding b: gives cluster-admin to ServiceAccount app/b', 'Role app/r: may now list secrets'],
    },
    silent: {
      'one Secret by name': {
        before: role(getPods),
        after: role(`${getPods}, {apiGroups: [""], resources: [secrets], resourceNames: [x], verbs: [get]}`),
      },
      'it had all of it': {
        before: role('{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}'),
        after: role('{apiGroups: [""], resources: [secrets], verbs: ["*"]}'),
      },
    },
  },
  'rbac-wider': {
    raises: {
      before: role(getPods) + binding('view', account('a')),
      after:
        role('{apiGroups: [""], resources: [pods], verbs: [get, delete]}') +
        binding('view', `${account('a')}, ${account('b')}`),
      says: ['ClusterRoleBinding b: also applies to ServiceAccount app/b', 'Role app/r: may now delete pods'],
    },
    silent: {
      'it allows less': { before: role('{apiGroups: [""], resources: ["*"], verbs: [get]}'), after: role(getPods) },
      'the role is new': { before: web, after: web + role(getPods) },
    },
  },
  'network-policy-removed': {
    raises: {
      before: web + policy('p', `ingress: [${fromApp}]`) + release('x') + fluxInstance('true'),
      after: web + release('x', { values: '{web: {networkPolicy: {create: false}}}' }) + fluxInstance('false'),
      says: [
        'FluxInstance app/flux: spec.cluster.networkPolicy becomes false',
        'HelmRelease app/x: spec.values.web.networkPolicy.create becomes false',
        'NetworkPolicy app/p: is deleted: nothing limits ingress of its pods',
      ],
    },
    silent: {
      'a switch is turned on': {
        before: release('x', { values: '{networkPolicy: {enabled: false}}' }),
        after: release('x', { values: '{networkPolicy: {enabled: true}}' }),
      },

      'another one isolates the same pods': {
        before: web + policy('p', `ingress: [${fromApp}]`) + policy('q', 'ingress: []'),
        after: web + policy('q', 'ingress: []'),
      },
      'its app goes as a whole': { before: { app: web, other: policy('p', 'ingress: []') }, after: { app: web } },
    },
  },
  'network-policy-opened': {
    raises: {
      before: policy('p', `ingress: [${fromApp}]`) + cilium(toDns),
      after: policy('p', `ingress: [${fromAnyone}]`) + cilium(toDnsAndWorld),
      says: [
        `CiliumNetworkPolicy app/c: allows more egress: ${'{"toEndpoints":[{"matchLabels":{"k8s-app":"kube-dns"}}],"toEntities":["world"],"toPorts":[{"ports":[{"port":"53"}]}]}'.slice(0, 120)}`,
        'NetworkPolicy app/p: allows more ingress: {"ports":[{"port":80}]}',
      ],
    },
    silent: {
      'it allows less': {
        before: policy('p', `ingress: [${fromAnyone}, ${fromApp}]`) + cilium(toDnsAndWorld),
        after: policy('p', `ingress: [${fromApp}]`) + cilium(toDns),
      },
      'rules change places': {
        before: policy('p', `ingress: [${fromAnyone}, ${fromApp}]`),
        after: policy('p', `ingress: [${fromApp}, ${fromAnyone}]`),
      },
    },
  },
  'secret-read-by-more': {
    raises: {
      before: reader('web', 'login'),
      after: reader('web', 'login') + reader('job', 'login'),
      says: ['Deployment app/job: reads Secret app/login, which Deployment app/web reads too'],
    },
    silent: {
      'a Secret of its own': { before: reader('web', 'login'), after: reader('web', 'login') + reader('job', 'other') },
      'another reader in its place': { before: reader('web', 'login'), after: reader('site', 'login') },
    },
  },
  'vault-item-read-by-more': {
    raises: {
      before: item('a', 'shared'),
      after: item('a', 'shared') + item('b', 'shared'),
      says: ['ExternalSecret app/b: reads the vault item shared, which ExternalSecret app/a reads too'],
    },
    silent: { 'an item of its own': { before: item('a', 'shared'), after: item('a', 'shared') + item('b', 'own') } },
  },
};

const availability: Record<string, Case> = {
  'scaled-to-zero': {
    raises: {
      before: web + release('x', { values: '{replicaCount: 1}' }),
      after: deployment('web', { replicas: 0 }) + release('x', { values: '{replicaCount: 0}' }),
      says: [
        'Deployment app/web: replicas go down from 2 to 0',
        'HelmRelease app/x: spec.values.replicaCount goes down from 1 to 0',
      ],
    },
    silent: { 'one is left': { before: web, after: deployment('web', { replicas: 1 }) } },
  },
  'replicas-fewer': {
    raises: {
      before: deployment('web', { replicas: 3 }),
      after: deployment('web', { replicas: 1 }),
      says: ['Deployment app/web: replicas go down from 3 to 1'],
    },
    silent: {
      'an autoscaler sets them': {
        before: scaler + deployment('web', { replicas: 3 }),
        after: scaler + deployment('web', { replicas: 1 }),
      },
      'there are more': { before: web, after: deployment('web', { replicas: 5 }) },
    },
  },
  'budget-gone': {
    raises: { before: web + pdb('minAvailable: 1'), after: web, says: ['PodDisruptionBudget app/p: is deleted'] },
    silent: {
      'the workload goes too': { before: web + config('a') + pdb('minAvailable: 1'), after: config('a') },
      'it becomes stricter': { before: web + pdb('maxUnavailable: 2'), after: web + pdb('maxUnavailable: 1') },
      'other units': { before: pdb('minAvailable: 2'), after: pdb('minAvailable: 50%') },
    },
  },
  'probe-gone': {
    raises: {
      before:
        deployment('web', { container: probe }) +
        release('x', { values: '{main: {probes: {liveness: {enabled: true}}}}' }),
      after: web + release('x', { values: '{main: {probes: {liveness: {enabled: false}}}}' }),
      says: [
        'Deployment app/web: container main loses its readinessProbe',
        'HelmRelease app/x: spec.values.main.probes.liveness is gone or switched off',
      ],
    },
    silent: {
      'it changes': {
        before: deployment('web', { container: probe }),
        after: deployment('web', { container: 'readinessProbe: {httpGet: {port: 81}}' }),
      },
      'the container goes': {
        before: release('x', { values: '{main: {probes: {liveness: {enabled: true}}}}' }),
        after: release('x', { values: '{side: {}}' }),
      },
    },
  },
};

const flux: Record<string, Case> = {
  suspended: {
    raises: {
      before: release('x'),
      after: release('x', { more: 'suspend: true' }) + release('y', { more: 'suspend: true' }),
      says: ['HelmRelease app/x: is suspended', 'HelmRelease app/y: is new and suspended'],
    },
    silent: {
      'it was before': {
        before: release('x', { more: 'suspend: true' }),
        after: release('x', { more: 'suspend: true', values: '{a: 1}' }),
      },
    },
  },
  resumed: {
    raises: {
      before: { app: { skipped: 'suspended', spec: { suspend: true } } },
      after: { app: config('a') },
      says: ['Kustomization flux-system/app: is resumed, with one object'],
    },
    silent: { 'it is new': { before: '', after: release('x') } },
  },
  'change-held-back': {
    raises: {
      before: release('x', { more: 'suspend: true' }) + config('a', mark('ssa', 'IfNotPresent')),
      after: release('x', { more: 'suspend: true', values: '{a: 1}' }) + config('b', mark('ssa', 'IfNotPresent')),
      says: [
        'ConfigMap app/a: changes although Flux applies it only if it does not exist (ssa: IfNotPresent)',
        'HelmRelease app/x: changes while it stays suspended',
      ],
    },
    silent: {
      'it is resumed with it': {
        before: release('x', { more: 'suspend: true' }),
        after: release('x', { values: '{a: 1}' }),
      },
      'it is not suspended': { before: release('x'), after: release('x', { values: '{a: 1}' }) },
    },
  },
  'reconcile-disabled': {
    raises: {
      before: config('a'),
      after: config('a', mark('reconcile', 'disabled')),
      says: ['ConfigMap app/a: is marked reconcile: disabled'],
    },
    silent: { 'the mark goes': { before: config('a', mark('reconcile', 'disabled')), after: config('a') } },
  },
  'force-enabled': {
    raises: {
      before: { app: config('a') },
      after: { app: { yaml: config('a'), spec: { force: true } } },
      says: ['Kustomization flux-system/app: gets force'],
    },
    silent: {
      'it goes': { before: { app: { yaml: config('a'), spec: { force: true } } }, after: { app: config('a') } },
    },
  },
  'prune-off': {
    raises: {
      before: { app: config('a') },
      after: { app: { yaml: config('a'), spec: { prune: false, deletionPolicy: 'Orphan' } } },
      says: [
        'Kustomization flux-system/app: gets deletionPolicy Orphan',
        'Kustomization flux-system/app: stops pruning',
      ],
    },
    silent: { 'it is turned on': { before: { app: { spec: { prune: false } } }, after: { app: {} } } },
  },
  'move-deletes': {
    raises: {
      before: { app: config('a'), other: { spec: on('app') } },
      after: { app: '', other: { yaml: config('a'), spec: on('app') } },
      says: [
        'Kustomization flux-system/other: one object moves here from Kustomization flux-system/app: ConfigMap app/a (flux-system/other waits for flux-system/app)',
      ],
    },
    silent: {
      'the old one waits': {
        before: { app: config('a'), other: '' },
        after: { app: { spec: on('other') }, other: config('a') },
      },
    },
  },
  'move-races': {
    raises: {
      before: { app: config('a'), other: '' },
      after: { app: '', other: config('a') },
      says: [
        'Kustomization flux-system/other: one object moves here from Kustomization flux-system/app: ConfigMap app/a (nothing in Git orders the two)',
      ],
    },
    silent: {
      'the old one does not prune': {
        before: { app: { yaml: config('a'), spec: { prune: false } }, other: '' },
        after: { app: { spec: { prune: false } }, other: config('a') },
      },
    },
  },
  'move-adopts': {
    raises: {
      before: { app: config('a'), other: '' },
      after: { app: { spec: on('other') }, other: config('a') },
      says: [
        'Kustomization flux-system/other: one object moves here from Kustomization flux-system/app: ConfigMap app/a (flux-system/app waits for flux-system/other)',
      ],
    },
    silent: {
      'nothing orders them': { before: { app: config('a'), other: '' }, after: { app: '', other: config('a') } },
    },
  },
  'dependency-deadlock': {
    raises: {
      before: { app: {}, db: {}, top: {}, child: { parent: 'top' } },
      after: {
        app: { spec: on('db') },
        db: { spec: { ...on('app', 'gone') } },
        top: { spec: { wait: true } },
        child: { parent: 'top', spec: on('top') },
      },
      says: [
        'Kustomization flux-system/app: depends on itself: flux-system/app → flux-system/db → flux-system/app',
        'Kustomization flux-system/child: depends on flux-system/top, which applies it and waits for it',
        'Kustomization flux-system/db: depends on flux-system/gone, which is not in Git',
      ],
    },
    silent: {
      'it was so before': {
        before: { app: { spec: on('gone') } },
        after: { app: { spec: on('gone'), yaml: config('a') } },
      },
      'an order': { before: { app: {}, db: {} }, after: { app: { spec: on('db') }, db: {} } },
      'a suspended one of another source': {
        before: { app: {}, db: {} },
        after: {
          app: { spec: { ...on('db'), sourceRef: { kind: 'OCIRepository', name: 'x' } } },
          db: { skipped: 'suspended', spec: { suspend: true } },
        },
      },
    },
  },
};

const image = (text: string): string => web.replace('example.org/web:1.0.0', text);
const dragonfly = (text: string): string =>
  object('dragonflydb.io/v1alpha1', 'Dragonfly', 'd', `spec: {image: "${text}"}`);
const values = (tag: string): string => release('x', { values: `{image: {repository: ghcr.io/a/b, tag: "${tag}"}}` });
const fetched = (url: string, tag: string): string =>
  `---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: x, namespace: app}
spec: {chartRef: {kind: OCIRepository, name: x}}
${object('source.toolkit.fluxcd.io/v1', 'OCIRepository', 'x', `spec: {url: "oci://${url}", ref: {tag: ${tag}}}`)}`;
const digest = `sha256:${'a'.repeat(64)}`;

const images: Record<string, Case> = {
  'image-major': {
    raises: {
      before: image('example.org/web:1.9.0') + dragonfly('docker.io/a/d:v1.0.0') + values(`16.4@${digest}`),
      after: image('example.org/web:2.0.0') + dragonfly('docker.io/a/d:v2.0.0') + values(`17.0@${digest}`),
      says: [
        'Deployment app/web: image example.org/web 1.9.0 → 2.0.0',
        'Dragonfly app/d: image docker.io/a/d v1.0.0 → v2.0.0',
        'HelmRelease app/x: image ghcr.io/a/b 16.4 → 17.0',
      ],
    },
    silent: {
      'a minor version': { before: values('1.9.0'), after: values('1.10.0') },
      'a calendar version': { before: values('2024.12.1'), after: values('2025.1.0') },
      'a hash': { before: values('sha-1234567'), after: values('sha-89abcde') },
    },
  },
  'chart-major': {
    raises: {
      before: release('x'),
      after: release('x', { version: '2.0.0' }),
      says: ['HelmRelease app/x: chart x 1.2.3 → 2.0.0'],
    },
    silent: { 'a patch': { before: release('x'), after: release('x', { version: '1.2.4' }) } },
  },
  'version-downgrade': {
    raises: {
      before: values('1.2.0'),
      after: values('1.1.9'),
      says: ['HelmRelease app/x: image ghcr.io/a/b 1.2.0 → 1.1.9'],
    },
    silent: {
      'another publisher counts on its own': {
        before: fetched('ghcr.io/a/x', '1.3.2'),
        after: fetched('ghcr.io/b/x', '0.1.0'),
      },
      'it goes up': { before: values('1.9.0'), after: values('1.10.0') },
    },
  },
  'image-from-elsewhere': {
    raises: {
      before: image('docker.io/a/web:1.0.0') + fetched('ghcr.io/a/x', '1.3.2'),
      after: image('example.net/a/web:1.0.0') + fetched('ghcr.io/b/x', '0.1.0'),
      says: [
        'Deployment app/web: image docker.io/a/web:1.0.0 → example.net/a/web:1.0.0',
        'HelmRelease app/x: chart oci://ghcr.io/a/x 1.3.2 → oci://ghcr.io/b/x 0.1.0',
      ],
    },
    silent: { 'another tag': { before: image('docker.io/a/web:1.0.0'), after: image('docker.io/a/web:1.0.1') } },
  },
  'image-unpinned': {
    raises: {
      before:
        image(`docker.io/a/web:1.0.0@${digest}`) +
        values('1.0.0') +
        release('y', { values: '{a: 1, image: {repository: a/b, tag: v1}}' }),
      after: image('docker.io/a/web:1.0.1') + values('latest') + release('y', { values: '{a: 1}' }),
      says: [
        'Deployment app/web: image docker.io/a/web 1.0.0 → 1.0.1',
        'HelmRelease app/x: image ghcr.io/a/b 1.0.0 → latest',
        "HelmRelease app/y: spec.values.image no longer says a/b:v1: the chart's own version applies",
      ],
    },
    silent: {
      'its container goes': {
        before: release('y', { values: '{main: {image: {repository: a/b, tag: v1}}}' }),
        after: release('y'),
      },

      'it gets a digest': { before: image('docker.io/a/web:1.0.0'), after: image(`docker.io/a/web:1.0.1@${digest}`) },
    },
  },
  'large-change': {
    raises: {
      before: many(10, 'a'),
      after: many(10, 'b'),
      says: ['Kustomization flux-system/flux-system: 10 objects of 10 Kustomizations change'],
    },
    silent: { 'nine Kustomizations': { before: many(9, 'a'), after: many(9, 'b') } },
  },
  'blast-radius': {
    raises: {
      before: waiting(5, 'a'),
      after: waiting(5, 'b'),
      says: ['Kustomization flux-system/flux-system: 5 Kustomizations wait for what changes: for flux-system/base (5)'],
    },
    silent: {
      'four wait': { before: waiting(4, 'a'), after: waiting(4, 'b') },
      'nothing changes': { before: waiting(5, 'a'), after: waiting(5, 'a') },
    },
  },
};

/** Cases about access, availability, Flux, images and size. */
export const moreCases: Readonly<Record<string, Case>> = { ...access, ...availability, ...flux, ...images };
