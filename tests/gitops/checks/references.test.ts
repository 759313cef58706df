import { referenceMissing } from '../../../gitops/checks/references';
import { dependsOnNothing } from '../../../gitops/checks/kustomizations';
import type { Tree } from '../../../gitops/tree';
import { findingsOf, handTree, idleProgram, notCheckedBy } from './handTree';
import { chart } from './releaseTree';

const ours = { program: idleProgram };
const tree = (documents: readonly string[], extra: Partial<Tree> = ours): Tree =>
  handTree([{ name: 'flux-system', files: { 'r.yaml': documents.join('') } }], extra);
const object = (kind: string, name: string, spec = '{}', namespace = 'a'): string => {
  const [apiVersion, short] = [kind.slice(0, kind.lastIndexOf('/')), kind.slice(kind.lastIndexOf('/') + 1)];
  const where = namespace === '' ? '' : `, namespace: ${namespace}`;
  return `---\napiVersion: ${apiVersion}\nkind: ${short}\nmetadata: {name: ${name}${where}}\nspec: ${spec}\n`;
};
const pod = (spec: string): string => object('v1/Pod', 'p', spec);
const found = (...documents: string[]): string[] => findingsOf(referenceMissing, tree(documents));
const unknown = (documents: readonly string[], extra?: Partial<Tree>): string[] =>
  notCheckedBy(referenceMissing, tree(documents, extra));

test.each([
  ['a Secret', '{volumes: [{secret: {secretName: s}}]}', 'Secret a/s in spec.volumes[0].secret.secretName'],
  ['a ConfigMap', '{containers: [{envFrom: [{configMapRef: {name: c}}]}]}', 'ConfigMap a/c'],
  ['a PersistentVolumeClaim', '{volumes: [{persistentVolumeClaim: {claimName: v}}]}', 'PersistentVolumeClaim a/v'],
  ['a class', '{priorityClassName: high}', 'PriorityClass high'],
  ['an account', '{serviceAccountName: runner}', 'ServiceAccount a/runner'],
  ['a projected Secret', '{volumes: [{projected: {sources: [{secret: {name: s}}]}}]}', 'Secret a/s'],
])('a pod names %s that nothing makes', (_, spec, expected) => {
  expect(found(pod(spec))).toEqual([expect.stringContaining(`names ${expected}`)]);
});

test.each([
  ['optional', '{volumes: [{secret: {secretName: s}}, {configMap: {name: c, optional: true}}]}', 1],
  ['what Kubernetes makes', '{serviceAccountName: default, priorityClassName: system-node-critical}', 0],
  ['the CA of the API', '{volumes: [{projected: {sources: [{configMap: {name: kube-root-ca.crt}}]}}]}', 0],
  ['a variable of another program', '{serviceAccountName: "{{ .name }}"}', 0],
])('a pod may name %s', (_, spec, count) => {
  expect(found(pod(spec))).toHaveLength(count);
});

test.each([
  [
    'Certificate',
    object('cert-manager.io/v1/Certificate', 'c', '{secretName: s, issuerRef: {name: i, kind: ClusterIssuer}}'),
  ],
  ['ExternalSecret', object('external-secrets.io/v1/ExternalSecret', 's')],
  ['SealedSecret', object('bitnami.com/v1alpha1/SealedSecret', 's')],
  ['CloudNativePG', object('postgresql.cnpg.io/v1/Cluster', 's').replace('name: s', 'name: db')],
])('a Secret of %s exists', (kind, maker) => {
  const name = kind === 'CloudNativePG' ? 'db-app' : 's';
  const text = found(pod(`{volumes: [{secret: {secretName: ${name}}}]}`), maker);
  expect(text.filter((line) => line.includes('Secret a/'))).toEqual([]);
});

test('an issuer without a kind is an Issuer, and the ClusterIssuer of that name is named', () => {
  const certificate = (more: string): string =>
    object('cert-manager.io/v1/Certificate', 'c', `{secretName: s, issuerRef: {name: ca${more}}}`);
  const issuer = object('cert-manager.io/v1/ClusterIssuer', 'ca', '{}', '');
  expect(found(certificate(''), issuer)).toEqual([
    'r.yaml:5 names Issuer a/ca in spec.issuerRef.name, which nothing on this cluster makes; there is a ClusterIssuer ca, which needs kind: ClusterIssuer',
  ]);
  expect(found(certificate(', kind: ClusterIssuer'), issuer)).toEqual([]);
  // kustomize has given the issuer a namespace.
  expect(found(certificate(', kind: ClusterIssuer'), object('cert-manager.io/v1/ClusterIssuer', 'ca'))).toEqual([]);
});

test('a URL names a Service, by its setting where it is from one', () => {
  const provider = object('notification.toolkit.fluxcd.io/v1beta3/Provider', 'p', '{address: "http://${HOST}/api"}');
  const raw = object('v1/ConfigMap', 'c').replace(
    'spec: {}',
    'data: {a: "# http://old.a.svc\\nurl: https://u:p@db.b.svc:1"}',
  );
  const made = object('v1/Service', 'db', '{}', 'b');
  expect(found(raw)).toEqual([expect.stringContaining('connects to https://u:p@db.b.svc')]);
  expect(found(raw, made)).toEqual([]);
  const settings = `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: cluster-settings, namespace: flux-system}\ndata: {HOST: am.b.svc}\n`;
  const variables = { HOST: 'am.b.svc' };
  const spec = { postBuild: { substituteFrom: [{ kind: 'ConfigMap', name: 'cluster-settings' }] } };
  const withSettings = handTree(
    [{ name: 'flux-system', spec, variables, files: { 's.yaml': settings, 'p.yaml': provider } }],
    ours,
  );
  for (const { object: own } of withSettings.clusters[0]?.objects ?? []) {
    if (own.kind === 'Provider') own['spec'] = { address: 'http://am.b.svc/api' };
  }
  expect(findingsOf(referenceMissing, withSettings)).toEqual([
    expect.stringMatching(/^s\.yaml:5 connects to http:\/\/am\.b\.svc in data\.HOST/),
  ]);
});

test('a StorageClass names Secrets in its parameters', () => {
  const parameters = (name: string): string =>
    `---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: s}\nparameters: {csi.storage.k8s.io/node-stage-secret-name: ${name}, csi.storage.k8s.io/node-stage-secret-namespace: a}\n`;
  expect(found(parameters('k'))).toEqual([expect.stringContaining('names Secret a/k')]);
  expect(found(parameters('k'), object('v1/Secret', 'k'))).toEqual([]);
  expect(found(parameters("'${pvc.name}'"))).toEqual([]);
});

test('in another repository, the source of the installation of Flux exists', () => {
  const receiver = (name: string): string =>
    object(
      'notification.toolkit.fluxcd.io/v1/Receiver',
      'r',
      `{resources: [{kind: GitRepository, name: ${name}}]}`,
      'flux-system',
    );
  const stranger = (name: string): string[] => findingsOf(referenceMissing, tree([receiver(name)], {}));
  expect([stranger('flux-system').length, stranger('other').length]).toEqual([0, 1]);
});

describe('what may come from elsewhere is not checked', () => {
  const secret = pod('{volumes: [{secret: {secretName: x-s}}]}');

  test('a chart that is not known here', () => {
    expect(found(secret, chart('any', '{}'))).toEqual([]);
    expect(unknown([secret, chart('any', '{}')])).toEqual([
      'Pod a/p whether Secret a/x-s exists: a chart may make it; --charts shows what it makes',
    ]);
  });

  test('a known chart makes only what it makes', () => {
    const backend = pod('{volumes: [{configMap: {name: other}}, {configMap: {name: coredns}}]}');
    expect(found(backend, chart('coredns', '{}'))).toEqual([expect.stringContaining('ConfigMap a/other')]);
  });

  test('a chart that was rendered decides', () => {
    const judge = (name: string): string[] => {
      const all = tree([secret, chart('any', '{}')]);
      const release = all.clusters[0]?.objects.find((one) => one.object.kind === 'HelmRelease');
      const rendered = [{ apiVersion: 'v1', kind: 'Secret', metadata: { name } }];
      return findingsOf(referenceMissing, { ...all, chartObjects: new Map([[release!, rendered]]) });
    };
    expect(judge('x-s')).toEqual([]);
    expect(judge('x-other')).toHaveLength(1);
  });

  test('an operator that is not known here', () => {
    expect(unknown([secret, object('example.org/v1/Database', 'd')])).toEqual([
      'Pod a/p whether Secret a/x-s exists: an operator whose objects are not known may make it',
    ]);
  });

  test('another repository: only what it must declare itself is missing', () => {
    expect(unknown([secret], {})).toEqual([
      'Pod a/p whether Secret a/x-s exists: it may exist without being in this repository',
    ]);
    const alert = object('notification.toolkit.fluxcd.io/v1beta3/Alert', 'a', '{providerRef: {name: slack}}');
    expect(findingsOf(referenceMissing, tree([alert], {}))).toHaveLength(1);
  });

  test('a Kustomization that could not be rendered, or is suspended', () => {
    const with_ = (skipped: 'failed' | 'suspended') =>
      handTree(
        [
          { name: 'flux-system', files: { 'r.yaml': secret } },
          { name: 'b', parent: 'flux-system', skipped },
        ],
        ours,
      );
    expect(findingsOf(referenceMissing, with_('failed'))).toEqual([]);
    expect(notCheckedBy(referenceMissing, with_('failed'))[0]).toMatch('a Kustomization could not be rendered');
    expect(notCheckedBy(referenceMissing, with_('suspended'))[0]).toMatch('a suspended Kustomization may hold it');
  });
});

test('a rule with references of its own counts them as its places', () => {
  const kustomization = object('kustomize.toolkit.fluxcd.io/v1/Kustomization', 'k', '{dependsOn: [{name: l}]}');
  const places = [...dependsOnNothing.run(tree([kustomization]))].filter((raw) => 'places' in raw);
  expect(places).toEqual([{ places: 1 }]);
});
