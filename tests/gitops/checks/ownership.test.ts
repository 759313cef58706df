import { bundleMissed, caMadeBy } from '../../../gitops/checks/ownership/ciliumCa';
import { switchedOn } from '../../../gitops/checks/ownership/crdOwners';
import { fluxSyncs } from '../../../gitops/checks/ownership/fluxInstance';
import { secretMadeTwice } from '../../../gitops/checks/ownership/secretMakers';
import { crdBeforeOwner } from '../../../gitops/checks/structure/crdOrder';
import { objectTwice } from '../../../gitops/checks/structure/objectTwice';
import { programFacts } from '../../../cluster/programFacts';
import { handTree, said } from './handTree';

test('the first switch that is set decides whether a chart brings definitions', () => {
  const chart = { name: 'cert-manager', switches: [['crds', 'enabled'], ['installCRDs']], onByDefault: false };
  expect(switchedOn(chart, {})).toBe(false);
  expect(switchedOn(chart, { installCRDs: true })).toBe(true);
  expect(switchedOn(chart, { crds: { enabled: false }, installCRDs: true })).toBe(false);
  expect(switchedOn({ name: 'x' }, {})).toBe(true);
});

describe("Cilium's certificate authority", () => {
  const paths = (values: Parameters<typeof caMadeBy>[0]): string[] =>
    caMadeBy(values).map(({ path }) => path.join('.'));

  test('is made by the chart unless told otherwise', () => {
    expect(paths({})).toEqual(['hubble.tls.auto.method']);
    expect(paths({ hubble: { tls: { auto: { method: 'cronJob' } } } })).toEqual(['certgen.generateCA']);
    expect(paths({ hubble: { tls: { auto: { method: 'certmanager' } } } })).toEqual([]);
  });

  test('is none of it without Hubble, and the mesh counts when it is on', () => {
    expect(paths({ hubble: { enabled: false } })).toEqual([]);
    expect(paths({ hubble: { enabled: false }, clustermesh: { useAPIServer: true } })).toEqual([
      'clustermesh.apiserver.tls.auto.method',
    ]);
    expect(paths({ hubble: { enabled: false }, tls: { ca: { cert: 'x', key: '' } } })).toEqual(['tls.ca.cert']);
  });
});

describe('what Cilium trusts', () => {
  const seeded = { name: 'cilium-root-ca.crt', key: 'ca.crt' };
  const said = (caBundle: Record<string, string | boolean>): string[] =>
    bundleMissed({ tls: { caBundle } }, seeded).map(({ path, what }) => `${path.join('.')} ${what}`);

  test("is the program's ConfigMap, by the chart's own name for it", () => {
    expect(said({ enabled: true })).toEqual([]);
    expect(said({ enabled: true, name: 'cilium-root-ca.crt', key: 'ca.crt', useSecret: false, content: '' })).toEqual(
      [],
    );
  });

  test("is each certificate's own CA unless told otherwise", () => {
    expect(bundleMissed({}, seeded).map(({ path, what }) => `${path.join('.')} ${what}`)).toEqual([
      'tls.caBundle.enabled trusts only the CA that its own certificates are from, not what ConfigMap cilium-root-ca.crt holds',
    ]);
    expect(said({ enabled: false, name: 'other' })).toHaveLength(1);
  });

  test('may be in another place in four ways, all told at once', () => {
    expect(said({ enabled: true, name: 'other', key: 'x.crt', useSecret: true, content: 'PEM' })).toEqual([
      'tls.caBundle.content renders ConfigMap cilium-root-ca.crt itself',
      'tls.caBundle.name trusts what name other holds, where the program seeds cilium-root-ca.crt',
      'tls.caBundle.key trusts what key x.crt holds, where the program seeds ca.crt',
      'tls.caBundle.useSecret trusts what a Secret holds, where the program seeds ConfigMap cilium-root-ca.crt',
    ]);
  });
});

describe('secret-made-twice', () => {
  const external = (name: string, policy = ''): string =>
    `apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: ${name}, namespace: a}\nspec: {target: {name: s${policy}}}\n`;
  const found = (...files: string[]): string[] =>
    said(
      secretMadeTwice,
      handTree([
        { name: 'flux-system', files: Object.fromEntries(files.map((text, index) => [`${index}.yaml`, text])) },
      ]),
    );

  test('by two of a kind, or of two kinds', () => {
    expect(found(external('x'), external('y'))).toEqual([
      '1.yaml:4 makes Secret a/s, which ExternalSecret a/x makes, too',
    ]);
    const certificate =
      'apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: c, namespace: a}\nspec: {secretName: s}\n';
    expect(found(certificate, external('y'))).toEqual(['1.yaml:4 makes Secret a/s, which Certificate a/c makes, too']);
  });

  test('is not what one makes and another adds to', () => {
    expect(found(external('x'), external('y', ', creationPolicy: Merge'))).toEqual([]);
  });
});

test("a FluxInstance's sync is named after its namespace unless it has a name", () => {
  const instance = (sync: string): ReturnType<typeof handTree> =>
    handTree([
      {
        name: 'flux-system',
        files: {
          'i.yaml': `apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata: {name: flux, namespace: flux-system}\nspec:\n  sync: ${sync}\n`,
        },
      },
    ]);
  const syncs = (sync: string): string[] =>
    instance(sync).clusters.flatMap((cluster) => fluxSyncs(cluster).map(({ kind, name }) => `${kind} ${name}`));
  expect(syncs('{kind: OCIRepository}')).toEqual(['OCIRepository flux-system']);
  expect(syncs('{name: fleet}')).toEqual(['GitRepository fleet']);
});

describe('object-twice', () => {
  const map = (annotations = ''): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m, namespace: a${annotations}}\n`;
  const tree = (second: string, skipped?: 'suspended'): ReturnType<typeof handTree> =>
    handTree([
      { name: 'flux-system' },
      { name: 'a', parent: 'flux-system', files: { 'a.yaml': map() } },
      { name: 'b', parent: 'flux-system', skipped, files: { 'b.yaml': second } },
    ]);

  test('names both owners', () => {
    expect(said(objectTwice, tree(map()))).toEqual([
      'b.yaml:1 is applied by Kustomization flux-system/b and by flux-system/a (a.yaml)',
    ]);
  });

  test('not where Flux is told to share, and not for a suspended owner', () => {
    expect(said(objectTwice, tree(map(', annotations: {kustomize.toolkit.fluxcd.io/ssa: Merge}')))).toEqual([]);
    expect(said(objectTwice, tree(map(), 'suspended'))).toEqual([]);
  });
});

describe('crd-before-owner', () => {
  const chart = (values: string): Record<string, string> => ({
    'x.yaml': `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: x, namespace: a}\nspec:\n  chartRef: {kind: OCIRepository, name: x}\n  values:\n${values}`,
  });
  const crds = {
    'crds.yaml':
      'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: c, namespace: a}\nspec:\n  chartRef: {kind: OCIRepository, name: c}\n---\n' +
      'apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: c, namespace: a}\nspec:\n  url: oci://x.example/prometheus-operator-crds\n',
  };
  const found = (spec: Record<string, unknown>, values: string): string[] =>
    said(
      crdBeforeOwner,
      handTree(
        [
          { name: 'flux-system' },
          { name: 'crds', parent: 'flux-system', files: crds },
          { name: 'x', parent: 'flux-system', spec, files: chart(values) },
        ],
        { program: programFacts },
      ),
    );
  const monitor = '    metrics:\n      serviceMonitor:\n        enabled: true\n';

  test("a chart's ServiceMonitor needs its definition, too", () => {
    expect(found({}, monitor)).toEqual([
      expect.stringMatching(
        /^x\.yaml:9 uses monitoring\.coreos\.com through spec\.values\.metrics\.serviceMonitor\.enabled/,
      ),
    ]);
    expect(found({ dependsOn: [{ name: 'crds' }] }, monitor)).toEqual([]);
    expect(found({}, monitor.replace('true', 'false'))).toEqual([]);
  });

  test('a definition in the same Kustomization is applied first', () => {
    const definition =
      'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: ws.example.org}\nspec: {group: example.org}\n';
    const use = 'apiVersion: example.org/v1\nkind: W\nmetadata: {name: w, namespace: a}\n';
    const tree = handTree([{ name: 'flux-system', files: { 'd.yaml': definition, 'w.yaml': use } }]);
    expect(said(crdBeforeOwner, tree)).toEqual([]);
  });
});
