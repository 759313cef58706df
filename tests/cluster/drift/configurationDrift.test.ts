import { configurationDrift } from '../../../cluster/drift/configurationDrift';

const text = (sysctl: string, more = ''): string => `machine:\n  sysctls:\n    vm.max_map_count: '${sysctl}'\n${more}`;
const found = (wanted: string, active: string, persistent = active) =>
  configurationDrift('a', { wanted, active, persistent }).map((finding) => [
    ...[finding.id, finding.field, finding.wanted, finding.found, finding.why],
  ]);

test('equal configurations are silent', () => {
  expect(found(text('1'), text('1'))).toEqual([]);
});

test('another change is staged on top of one that is active', () => {
  expect(found(text('1'), text('2'), text('3'))).toEqual([
    [
      ...['machine-configuration-staged', 'machine.sysctls["vm.max_map_count"]', '"1"', '"2"'],
      'another configuration is staged: the next reboot changes this to "3"',
    ],
  ]);
});

test('fields that are missing, and added', () => {
  const certificate = 'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t';
  const files = (content: string) => text('1', `  files:\n    - path: /var/a\n      content: ${content}\n`);
  expect(found(text('1', '  install:\n    disk: /dev/sda\n'), text('1'))).toEqual([
    ['machine-configuration', 'machine.install', '{"disk":"/dev/sda"}', undefined, undefined],
  ]);
  expect(found(files('password-of-old'), files('password-of-new'))).toEqual([
    ['machine-configuration', 'machine.files[0].content', '[secret]', '[secret]', undefined],
  ]);
  expect(found(text('1'), text('1', `  ca:\n    crt: ${certificate}\n    key: ${certificate}\n`))).toEqual([
    ['machine-configuration', 'machine.ca', undefined, '[secret]', undefined],
  ]);
});
