import { printedByTemplate, valueLosesText } from '../../../gitops/checks/textValues';
import { findingsOf, handTree } from './handTree';
import { release, tree } from './releaseTree';

const found = (values: string): string[] =>
  findingsOf(valueLosesText, tree(release(`{values: ${values}}`))).map((line) => line.replace(/^\S+ /, ''));

test.each([
  ['{image: {tag: 1.20}}', 'sets image.tag: 1.20, which arrives as 1.2'],
  ['{a: [{tag: 1.10}]}', 'sets a.0.tag: 1.10, which arrives as 1.1'],
  ['{image: {tag: 20240101}}', 'sets image.tag: 20240101, which arrives as 2.0240101e+07'],
  ['{imageTag: 0x1F}', 'sets imageTag: 0x1F, which arrives as 31'],
  ['{image: {tag: 1e3}}', 'sets image.tag: 1e3, which arrives as 1000'],
  ['{appVersion: 1.10}', 'sets appVersion: 1.10, which arrives as 1.1'],
  ['{version: 3.0}', 'sets version: 3.0, which arrives as 3'],
])('%s', (values, what) => expect(found(values)).toEqual([what]));

test.each([
  '{image: {tag: "1.20"}}',
  "{image: {tag: '1.20'}}",
  '{image: {tag: 1.2}}',
  '{image: {tag: 16}}',
  '{image: {tag: v1.20}}',
  '{image: {tag: 1.20.0}}',
  // An integer, for whoever wants one.
  '{version: 20240101}',
  '{ratio: 1.20, tags: [1.20]}',
])('%s arrives as it is', (values) => expect(found(values)).toEqual([]));

test('a boolean of YAML 1.1, as Flux reads it', () => {
  const read = tree(release('{values: {image: {tag: on}}}'));
  const [object] = read.clusters[0]?.objects ?? [];
  (object?.object['spec'] as { values: unknown }).values = { image: { tag: true } };
  expect(findingsOf(valueLosesText, read)).toEqual(['r.yaml:5 sets image.tag: on, which arrives as true']);
});

test('a setting: quotes around the variable do not survive', () => {
  const text = release('{values: {image: {tag: "${TAG}"}}}');
  const read = handTree([
    { name: 'flux-system', spec: { postBuild: {} }, files: { 'r.yaml': text }, variables: { TAG: '1.20' } },
  ]);
  const [object] = read.clusters[0]?.objects ?? [];
  (object?.object['spec'] as { values: unknown }).values = { image: { tag: 1.2 } };
  const [, finding] = [...valueLosesText.run(read)];
  expect(finding).toMatchObject({
    what: 'sets image.tag: 1.20, which arrives as 1.2',
    todo: `quote it in the setting: '"1.20"'`,
  });
});

test('numbers as Go prints them', () => {
  const printed = [1.2, 100000, 1000000, 12345678, 1e21, 0.0001, 0.00001, 0, -3].map(printedByTemplate);
  expect(printed).toEqual(['1.2', '100000', '1e+06', '1.2345678e+07', '1e+21', '0.0001', '1e-05', '0', '-3']);
});
