import {
  releaseRemediationIgnored,
  releaseWithoutRetries,
  releaseWithoutTimeout,
} from '../../../gitops/checks/helm/failures';
import { releaseDefaultWins } from '../../../gitops/checks/helm/overridden';
import { defaultStorageClassMissing, defaultStorageClassTwice } from '../../../gitops/checks/helm/storageClasses';
import { releaseValuesNotObject } from '../../../gitops/checks/helm/values';
import { releaseValuesMissing } from '../../../gitops/checks/helm/valuesFrom';
import { dnsOwnerTwice, flagsOf } from '../../../gitops/checks/network/externalDns';
import { networkOf, poolRange } from '../../../net/addresses';
import { externalSecretKey } from '../../../gitops/checks/security/externalSecrets';
import { plainSecretValue } from '../../../gitops/checks/security/plainValues';
import type { Tree } from '../../../gitops/tree';
import { handTree, said } from './handTree';

const release = (spec: string, name = 'x'): string =>
  `---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: ${name}, namespace: a}\nspec: ${spec}\n`;
const chart = (url: string, values: string, name = 'x'): string =>
  `---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: ${name}, namespace: a}\nspec: {url: "oci://r.example/${url}"}\n` +
  release(`{chartRef: {kind: OCIRepository, name: ${name}}, values: ${values}}`, name);
const tree = (...documents: string[]): Tree =>
  handTree([{ name: 'flux-system', files: { 'r.yaml': documents.join('') } }]);

test.each([
  ['{values: "a: b"}', 1],
  ['{values: [a]}', 1],
  ['{values: {}}', 0],
  ['{}', 0],
  ['{values: }', 0],
])('values of %s', (spec, count) => expect(said(releaseValuesNotObject, tree(release(spec)))).toHaveLength(count));

test.each([
  ['{install: {remediation: {retries: 3}}, upgrade: {strategy: {name: RetryOnFailure}}}', 0],
  ['{install: {remediation: {retries: -1}}, upgrade: {remediation: {retries: -1}}}', 0],
  ['{install: {remediation: {retries: 0}}, upgrade: {remediation: {retries: 1}}}', 1],
  ['{install: {strategy: {name: RemediateOnFailure}}, upgrade: {strategy: {name: RetryOnFailure}}}', 1],
  ['{}', 2],
])('retries of %s', (spec, count) => expect(said(releaseWithoutRetries, tree(release(spec)))).toHaveLength(count));

test('of remediation, a strategy that retries leaves only what is said about tests', () => {
  const found = (remediation: string): number =>
    said(
      releaseRemediationIgnored,
      tree(release(`{upgrade: {strategy: {name: RetryOnFailure}, remediation: ${remediation}}}`)),
    ).length;
  expect([found('{retries: 3}'), found('{ignoreTestFailures: true}')]).toEqual([1, 0]);
});

test('a timeout for each action is one for the release', () => {
  expect(said(releaseWithoutTimeout, tree(release('{install: {timeout: 1m}, upgrade: {timeout: 1m}}')))).toEqual([]);
  expect(said(releaseWithoutTimeout, tree(release('{install: {timeout: 1m}}')))).toHaveLength(1);
});

test('values may come from what an ExternalSecret makes, or from nowhere when that is said', () => {
  const secret = (target: string): string =>
    `---\napiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: e, namespace: a}\nspec: ${target}\n`;
  const from = (more = ''): string => release(`{valuesFrom: [{kind: Secret, name: v${more}}]}`);
  expect(said(releaseValuesMissing, tree(from()))).toHaveLength(1);
  expect(said(releaseValuesMissing, tree(from(), secret('{target: {name: v}}')))).toEqual([]);
  expect(said(releaseValuesMissing, tree(from(', optional: true')))).toEqual([]);
});

test('what the defaults say otherwise is told from what a variable brings', () => {
  const made = tree(release('{timeout: 5m, interval: "${EVERY}", upgrade: {crds: Skip, force: true}}'));
  const [object] = made.clusters.flatMap(({ objects }) => objects);
  if (object !== undefined)
    object.object = {
      ...object.object,
      spec: { timeout: '15m', interval: '30m', upgrade: { crds: 'Skip', force: true } },
    };
  expect(said(releaseDefaultWins, made)).toEqual(['r.yaml:5 says spec.timeout: 5m, and arrives with 15m']);
});

describe('default storage classes of charts', () => {
  const classes = (...documents: string[]): number[] =>
    [defaultStorageClassTwice, defaultStorageClassMissing].map((check) => said(check, tree(...documents)).length);
  const openebs = (isDefault: boolean): string =>
    chart('openebs', `{localpv-provisioner: {hostpathClass: {isDefaultClass: ${isDefault}}}}`, 'o');

  test("Rook's chart makes one unless told otherwise", () => {
    expect(classes(chart('rook-ceph-cluster', '{}'))).toEqual([0, 0]);
    expect(classes(chart('rook-ceph-cluster', '{cephBlockPools: [], cephFileSystems: []}'))).toEqual([0, 0]);
    const pool = (isDefault: boolean): string =>
      chart(
        'rook-ceph-cluster',
        `{cephFileSystems: [], cephBlockPools: [{storageClass: {enabled: true, name: b, isDefault: ${isDefault}}}]}`,
      );
    expect(classes(pool(true), openebs(false))).toEqual([0, 0]);
    expect(classes(pool(true), openebs(true))).toEqual([1, 0]);
    expect(classes(pool(false), openebs(false))).toEqual([0, 1]);
  });

  test('a cluster without any class has no default to miss', () => expect(classes()).toEqual([0, 0]));
});

describe('plain secrets', () => {
  const found = (values: string): number => said(plainSecretValue, tree(release(`{values: ${values}}`))).length;

  test.each([
    ['{env: [{name: API_TOKEN, value: x}]}', 1],
    ['{env: [{name: API_TOKEN, valueFrom: {secretKeyRef: {name: s, key: k}}}]}', 0],
    ['{env: [{name: API_TOKEN_FILE, value: /run/t}]}', 0],
    ['{env: {API_TOKEN: x}}', 1],
    ['{adminPassword: x}', 1],
    ['{adminPassword: ""}', 0],
    ['{existingSecretPasswordKey: x}', 0],
    ['{secret: {token: name-of-a-key}}', 0],
  ])('%s', (values, count) => expect(found(values)).toBe(count));
});

test.each([
  ['data: [{remoteRef: {key: kubernetes/one/x}}]', 0],
  ['data: [{remoteRef: {key: kubernetes/shared/x}}]', 0],
  ['data: [{remoteRef: {key: kubernetes/one/}}]', 1],
  ['data: [{remoteRef: {key: kubernetes/one-more/x}}]', 1],
  ['dataFrom: [{extract: {key: kubernetes/two/x}}]', 1],
  ['dataFrom: [{find: {path: kubernetes/one/x}}]', 0],
  ['dataFrom: [{sourceRef: {generatorRef: {name: g}}}]', 0],
])('the keys of %s', (spec, count) => {
  const secret = `apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: e, namespace: a}\nspec: {${spec}}\n`;
  expect(said(externalSecretKey, tree(secret))).toHaveLength(count);
});

describe('ExternalDNS', () => {
  const dns = (name: string, values: string): string => chart('external-dns', values, name);
  const found = (...values: string[]): number =>
    said(dnsOwnerTwice, tree(...values.map((value, index) => dns(`d${index}`, value)))).length;

  test('shares an owner only in the same zone of the same servers', () => {
    const one = '{provider: {name: p}, txtOwnerId: o, domainFilters: [example.org]}';
    expect(found(one, one)).toBe(1);
    expect(found(one, '{provider: {name: q}, txtOwnerId: o, domainFilters: [example.org]}')).toBe(0);
    expect(found(one, '{provider: {name: p}, txtOwnerId: o, domainFilters: [example.com]}')).toBe(0);
    expect(found(one, '{provider: {name: p}, txtOwnerId: o, domainFilters: [a.example.org]}')).toBe(1);
    expect(found(one, '{provider: {name: p}, txtOwnerId: o}')).toBe(1);
    expect(found(one, '{provider: {name: p}, txtOwnerId: o, registry: noop}')).toBe(0);
    expect(
      found(one, '{provider: {name: p}, txtOwnerId: o, domainFilters: [example.org], extraArgs: [--txt-owner-id=n]}'),
    ).toBe(0);
  });

  test('takes flags as a list or as a map', () => {
    expect(flagsOf({ extraArgs: ['--a=1', '--b', '--a=2'] }, 'a')).toEqual(['1', '2']);
    expect(flagsOf({ extraArgs: { a: ['1', '2'], b: '3' } }, 'a')).toEqual(['1', '2']);
    expect(flagsOf({ extraArgs: { b: '3' } }, 'b')).toEqual(['3']);
  });
});

test('ranges of addresses', () => {
  expect(networkOf('10.1.0.7/24')).toMatchObject({ first: 167837696, last: 167837951 });
  expect([networkOf('10.1.0.0'), networkOf('fd00::/64'), poolRange('10.0.0.2', '10.0.0.1')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
