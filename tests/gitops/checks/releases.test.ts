import {
  releaseDefaultWins,
  releaseRemediationIgnored,
  releaseValuesMissing,
  releaseValuesNotObject,
  releaseWithoutRetries,
  releaseWithoutTimeout,
} from '../../../gitops/checks/releases';
import { findingsOf, idleProgram } from './handTree';
import { release, tree } from './releaseTree';

test.each([
  ['{values: "a: b"}', 1],
  ['{values: [a]}', 1],
  ['{values: {}}', 0],
  ['{}', 0],
  ['{values: }', 0],
])('values of %s', (spec, count) =>
  expect(findingsOf(releaseValuesNotObject, tree(release(spec)))).toHaveLength(count),
);

test.each([
  ['{install: {remediation: {retries: 3}}, upgrade: {strategy: {name: RetryOnFailure}}}', 0],
  ['{install: {remediation: {retries: -1}}, upgrade: {remediation: {retries: -1}}}', 0],
  ['{install: {remediation: {retries: 0}}, upgrade: {remediation: {retries: 1}}}', 1],
  ['{install: {strategy: {name: RemediateOnFailure}}, upgrade: {strategy: {name: RetryOnFailure}}}', 1],
  ['{}', 2],
])('retries of %s', (spec, count) =>
  expect(findingsOf(releaseWithoutRetries, tree(release(spec)))).toHaveLength(count),
);

test('with RetryOnFailure, only ignoreTestFailures has an effect in remediation', () => {
  const found = (remediation: string): number =>
    findingsOf(
      releaseRemediationIgnored,
      tree(release(`{upgrade: {strategy: {name: RetryOnFailure}, remediation: ${remediation}}}`)),
    ).length;
  expect([found('{retries: 3}'), found('{ignoreTestFailures: true}')]).toEqual([1, 0]);
});

test('a timeout for each action covers the release', () => {
  expect(findingsOf(releaseWithoutTimeout, tree(release('{install: {timeout: 1m}, upgrade: {timeout: 1m}}')))).toEqual(
    [],
  );
  expect(findingsOf(releaseWithoutTimeout, tree(release('{install: {timeout: 1m}}')))).toHaveLength(1);
});

test('values may come from the Secret of an ExternalSecret, or be optional', () => {
  const secret = (target: string): string =>
    `---\napiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: e, namespace: a}\nspec: ${target}\n`;
  const ours = (...documents: string[]) => ({ ...tree(...documents), program: idleProgram });
  const from = (more = ''): string => release(`{valuesFrom: [{kind: Secret, name: v${more}}]}`);
  expect(findingsOf(releaseValuesMissing, ours(from()))).toHaveLength(1);
  expect(findingsOf(releaseValuesMissing, ours(from(), secret('{target: {name: v}}')))).toEqual([]);
  expect(findingsOf(releaseValuesMissing, ours(from(', optional: true')))).toEqual([]);
});

test('reports overridden fields, but not those set through a variable', () => {
  const overridden = tree(release('{timeout: 5m, interval: "${EVERY}", upgrade: {crds: Skip, force: true}}'));
  const [object] = overridden.clusters.flatMap(({ objects }) => objects);
  if (object !== undefined)
    object.object = {
      ...object.object,
      spec: { timeout: '15m', interval: '30m', upgrade: { crds: 'Skip', force: true } },
    };
  expect(findingsOf(releaseDefaultWins, overridden)).toEqual([
    'r.yaml:5 sets spec.timeout: 5m, but is applied with 15m',
  ]);
});
