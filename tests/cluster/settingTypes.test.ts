import { join } from 'node:path';
import { settingTypes, type SettingKey } from '../../cluster/settingTypes';
import { listClusters, readClusterSettings } from '../../gitops/clusterSettings';
import { baseInput } from './fixtures';

const root = join(__dirname, '..', '..');
const types = Object.keys(settingTypes).sort();

test.each(listClusters(root))('every setting of %s has a type', (cluster) => {
  const keys = Object.keys(readClusterSettings(root, cluster).values);
  expect(keys.filter((key) => !types.includes(key))).toEqual([]);
});

test('every type is one of a setting in the valid base', () => {
  expect(Object.keys(baseInput().settings.values).sort()).toEqual(types);
});

const peers = (...list: object[]): string => JSON.stringify(list);
const components = (...more: string[]): string =>
  JSON.stringify(['source-controller', 'kustomize-controller', 'helm-controller', 'notification-controller', ...more]);
const west = { name: 'west', address: 'west.example.org', port: 2379 };

// Values at the edges; tests/fixtures/invalid has one invalid value of every type.
test.each<[SettingKey, string[], string[]]>([
  ['K8S_SERVICE_HOST', ['localhost', '127.0.0.1', '::1', 'api.example.org'], ['', 'https://localhost', 'local host']],
  ['K8S_SERVICE_PORT', ['1', '65535'], ['0', '06443', '6443.0', '+1', '0x10']],
  ['CILIUM_VERSION', ['1.18.3', '1.19.0-rc.1'], ['1.18', '1.18.x', '>=1.18.3', '1.18.3+build']],
  ['ROOK_CEPH_IMAGE_TAG', ['v19.2.3', 'v19.2.3-20250717'], ['19.2.3', 'v19', 'v19.2.3@sha256:0']],
  ['COREDNS_REPLICAS', ['1', '50'], ['-1', '51', '1e1']],
  ['CILIUM_OPERATOR_REPLICAS', ['1', '5'], ['0', '6', 'two']],
  ['EXTERNAL_SECRET_STORE', ['onepassword', 'team.store-1'], ['-a', 'a_b', 'a..b']],
  [
    'ONEPASSWORD_CONNECT_HOST',
    ['https://a.example.org', 'https://10.0.0.1:8443'],
    ['https://', 'https://a?b', 'ftp://a'],
  ],
  [
    'GATEWAY_EXTERNAL_NAMES',
    ['["www.example.org"]', '["example.org", "www.example.org"]'],
    ['', '[]', '{}', 'www.example.org', '["*.example.org"]', '["a"]', '[1]', '["a.example.org", "a.example.org"]'],
  ],
  [
    'FLUX_COMPONENTS',
    [components(), components('image-reflector-controller', 'image-automation-controller')],
    ['', '[]', '{}', components('image-controller'), components('source-controller'), '["source-controller"]'],
  ],
  [
    'CLUSTERMESH_PEERS',
    [
      '[]',
      peers(west),
      peers({ name: 'west', ips: ['10.0.0.1'], port: 2379 }),
      peers(west, { ...west, name: 'north' }),
    ],
    [
      '',
      '{}',
      'null',
      '[null]',
      '[{name: west}]',
      peers(west, west),
      peers({ ...west, port: '2379' }),
      peers({ ...west, port: 0 }),
      peers({ ...west, name: 'West' }),
      peers({ ...west, address: 'west:2379' }),
      peers({ ...west, ips: [] }),
      peers({ ...west, tls: { key: 'secret' } }),
    ],
  ],
  ['METRICS_RETENTION', ['30d', '1y', '2w'], ['30', '0d', '30D', '30 d', '1.5y', '12h']],
  ['METRICS_STORAGE_SIZE', ['50Gi', '1Ti', '512Mi'], ['50', '50G', '0Gi', '1.5Gi']],
  [
    'METRICS_PROBE_TARGETS',
    ['[]', '["https://a.b/c", "https://d"]'],
    ['', '{}', '["http://a.b"]', '[1]', '["https://a b"]', 'https://a.b'],
  ],
  [
    'ROOK_CEPH_DEVICE_FILTER',
    ['^sd[b-d]$', '(?i)nvme', '[[:alpha:]]+'],
    ['', '[', '(a)\\1', '^(?!sda)', 'a{1001}', '\\Z'],
  ],
  ['LOGS_RETENTION', ['1d', '2w', '1y', '365d'], ['0d', '30', '12h', '1M', '30 d']],
  ['LOGS_STORAGE_SIZE', ['1Gi', '512Mi', '2Ti'], ['50', '0Gi', '50G', '1.5Gi']],
  ['VOLSYNC_S3_BUCKET', ['abc', 'a.b-c1', 'x'.repeat(63)], ['ab', 'x'.repeat(64), 'a..b', '-ab', 'ab/c']],
  [
    'GIT_BRANCH',
    ['main', 'feature/x', 'v1.2', 'a@b'],
    [
      'a b',
      'a..b',
      '-a',
      '/a',
      'a/',
      'a//b',
      '.a',
      'a/.b',
      'a.lock',
      'a~1',
      'a^',
      'a:b',
      'a?',
      'a*',
      'a[',
      'a\\b',
      '@',
      'a@{b',
      'a.',
    ],
  ],
])('%s', (key, valid, invalid) => {
  const read = (text: string): unknown => settingTypes[key].read(text);
  expect(valid.filter((text) => read(text) === undefined)).toEqual([]);
  expect(invalid.filter((text) => read(text) !== undefined)).toEqual([]);
});

test('a device filter selects what Go would: any part of the name, POSIX classes, flags', () => {
  const selects = (filter: string, disk: string): boolean | undefined =>
    settingTypes.ROOK_CEPH_DEVICE_FILTER.read(filter)?.selects(disk);
  expect([
    selects('da', 'sda'),
    selects('^da', 'sda'),
    selects('(?i)SDA', 'sda'),
    selects('sd[[:alpha:]]', 'sda'),
  ]).toEqual([true, false, true, true]);
});
