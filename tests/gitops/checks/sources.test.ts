import { firmness } from '../../../gitops/checks/sources/pins';
import { chartSourceMissing } from '../../../gitops/checks/sources/chartSources';
import { versionWithoutRenovate } from '../../../gitops/checks/sources/renovate';
import { handTree, said } from './handTree';

test.each([
  ['1.2.3', 'exact'],
  ['v1.2.3', 'exact'],
  ['1.2.3-rc.1', 'exact'],
  ['1.2.3+build.4', 'exact'],
  ['1.2.3_build.4', 'exact'],
  ['1.2', 'range'],
  ['1.x', 'range'],
  ['^1.2.3', 'range'],
  ['>=1.2.3 <2', 'range'],
  ['>=0.0.0', 'none'],
  ['>=0.0.0-0', 'none'],
  ['*', 'none'],
  ['latest', 'none'],
  [undefined, 'none'],
])('version %s is %s', (version, expected) => {
  expect(firmness(version)).toBe(expected);
});

const release = (reference: string): string =>
  `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: x, namespace: a}\nspec:\n${reference}`;

describe('chart-source-missing', () => {
  const tree = (skipped?: 'external'): ReturnType<typeof handTree> =>
    handTree([
      { name: 'flux-system', files: { 'x.yaml': release('  chartRef:\n    kind: OCIRepository\n    name: x\n') } },
      { name: 'others', parent: 'flux-system', skipped },
    ]);

  test('reports a source that Git does not have', () => {
    expect(said(chartSourceMissing, tree())).toEqual([expect.stringMatching(/^x\.yaml:7 takes its chart from OCI/)]);
  });

  test('not where something else may make it', () => {
    expect(said(chartSourceMissing, tree('external'))).toEqual([]);
  });
});

describe('version-without-renovate', () => {
  const pod = (lines: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: a}\nspec:\n  containers:\n    - name: p\n${lines}`;
  const settings = (comment: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s, namespace: flux-system}\ndata:\n${comment}  APP: v1.2.3\n  ADDRESS: 10.1.2.3\n`;
  const spec = { postBuild: { substituteFrom: [{ kind: 'ConfigMap', name: 's' }] } };
  const found = (podLines: string, comment = ''): string[] =>
    said(
      versionWithoutRenovate,
      handTree([
        { name: 'flux-system', files: { 's.yaml': settings(comment) } },
        { name: 'a', parent: 'flux-system', spec, files: { 'p.yaml': pod(podLines) } },
      ]),
    );
  const renovate = '# renovate: datasource=docker depName=x/y\n';

  test('an image needs the comment right above', () => {
    expect(found(`      image: x/y:1.2.3\n`, `  ${renovate}`)).toEqual([expect.stringMatching(/^p\.yaml:7 /)]);
    expect(found(`      ${renovate}      image: x/y:1.2.3\n`, `  ${renovate}`)).toEqual([]);
    expect(found(`      ${renovate}\n      image: x/y:1.2.3\n`, `  ${renovate}`)).toHaveLength(1);
  });

  test('a variable is looked at where it is set, and an address is no version', () => {
    expect(found('      image: x/y:${APP}\n')).toEqual(['s.yaml:5 APP v1.2.3 has no comment for Renovate']);
    expect(found('      image: x/y:${APP}\n', `  ${renovate}`)).toEqual([]);
  });
});
