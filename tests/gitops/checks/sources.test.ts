import { chartSourceMissing } from '../../../gitops/checks/chartSources';
import { versionWithoutRenovate } from '../../../gitops/checks/renovate';
import { precisionOf } from '../../../gitops/checks/sources';
import { findingsOf, handTree } from './handTree';

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
  expect(precisionOf(version)).toBe(expected);
});

const release = (reference: string): string =>
  `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: x, namespace: a}\nspec:\n${reference}`;

describe('chart-source-missing', () => {
  const tree = (skipped?: 'external'): ReturnType<typeof handTree> =>
    handTree([
      { name: 'flux-system', files: { 'x.yaml': release('  chartRef:\n    kind: OCIRepository\n    name: x\n') } },
      { name: 'others', parent: 'flux-system', skipped },
    ]);

  test('reports a source that Git does not declare', () => {
    expect(findingsOf(chartSourceMissing, tree())).toEqual([
      expect.stringMatching(/^x\.yaml:7 takes its chart from OCI/),
    ]);
  });

  test('ignores a source that something else may create', () => {
    expect(findingsOf(chartSourceMissing, tree('external'))).toEqual([]);
  });
});

describe('version-without-renovate', () => {
  const pod = (lines: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: a}\nspec:\n  containers:\n    - name: p\n${lines}`;
  const settings = (comment: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s, namespace: flux-system}\ndata:\n${comment}  APP: v1.2.3\n  ADDRESS: 10.1.2.3\n`;
  const spec = { postBuild: { substituteFrom: [{ kind: 'ConfigMap', name: 's' }] } };
  const found = (podLines: string, comment = ''): string[] =>
    findingsOf(
      versionWithoutRenovate,
      handTree([
        { name: 'flux-system', files: { 's.yaml': settings(comment) } },
        { name: 'a', parent: 'flux-system', spec, files: { 'p.yaml': pod(podLines) } },
      ]),
    );
  const renovate = '# renovate: datasource=docker depName=x/y\n';

  test('an image needs the comment directly above', () => {
    expect(found(`      image: x/y:1.2.3\n`, `  ${renovate}`)).toEqual([expect.stringMatching(/^p\.yaml:7 /)]);
    expect(found(`      ${renovate}      image: x/y:1.2.3\n`, `  ${renovate}`)).toEqual([]);
    expect(found(`      ${renovate}\n      image: x/y:1.2.3\n`, `  ${renovate}`)).toHaveLength(1);
  });

  test('a variable is checked where it is set, and an address is not a version', () => {
    expect(found('      image: x/y:${APP}\n')).toEqual(['s.yaml:5 APP v1.2.3 has no Renovate comment']);
    expect(found('      image: x/y:${APP}\n', `  ${renovate}`)).toEqual([]);
  });
});
