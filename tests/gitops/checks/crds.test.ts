import { programFacts } from '../../../cluster/programFacts';
import { crdBeforeOwner } from '../../../gitops/checks/crds';
import { crdsEnabled } from '../../../gitops/checks/facts/crdProviders';
import { findingsOf, handTree } from './handTree';

test('the first switch that is set decides whether a chart installs its CRDs', () => {
  const chart = { name: 'cert-manager', switches: [['crds', 'enabled'], ['installCRDs']], onByDefault: false };
  expect(crdsEnabled(chart, {})).toBe(false);
  expect(crdsEnabled(chart, { installCRDs: true })).toBe(true);
  expect(crdsEnabled(chart, { crds: { enabled: false }, installCRDs: true })).toBe(false);
  expect(crdsEnabled({ name: 'x' }, {})).toBe(true);
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
    findingsOf(
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

  test("a chart's ServiceMonitor needs its CRD too", () => {
    expect(found({}, monitor)).toEqual([
      expect.stringMatching(
        /^x\.yaml:9 uses monitoring\.coreos\.com through spec\.values\.metrics\.serviceMonitor\.enabled/,
      ),
    ]);
    expect(found({ dependsOn: [{ name: 'crds' }] }, monitor)).toEqual([]);
    expect(found({}, monitor.replace('true', 'false'))).toEqual([]);
  });

  test('a CRD in the same Kustomization is applied first', () => {
    const crd =
      'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: ws.example.org}\nspec: {group: example.org}\n';
    const use = 'apiVersion: example.org/v1\nkind: W\nmetadata: {name: w, namespace: a}\n';
    const tree = handTree([{ name: 'flux-system', files: { 'd.yaml': crd, 'w.yaml': use } }]);
    expect(findingsOf(crdBeforeOwner, tree)).toEqual([]);
  });
});
