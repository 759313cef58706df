import { isDnsLabel, isDnsName, settingsFileName, stackFileName } from '../../cluster/names';

test.each([
  ['node-01', true],
  ['0', true],
  ['Node', false],
  ['-node', false],
  ['node-', false],
  ['a.b', false],
  ['', false],
  ['a'.repeat(63), true],
  ['a'.repeat(64), false],
])('%s is a DNS label: %s', (text, expected) => {
  expect(isDnsLabel(text)).toBe(expected);
});

test.each([
  ['east-k8s.example.org', true],
  ['example', false],
  ['10.0.0.1', false],
  ['https://example.org', false],
  ['example..org', false],
  [`${'a'.repeat(63)}.`.repeat(4) + 'org', false],
])('%s is a DNS name: %s', (text, expected) => {
  expect(isDnsName(text)).toBe(expected);
});

test('file names', () => {
  expect(stackFileName('east')).toBe('Pulumi.east.yaml');
  expect(settingsFileName('east')).toBe('kubernetes/clusters/east/cluster-settings.yaml');
});
