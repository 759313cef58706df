import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const root = join(__dirname, '..', '..');
const folder = join(root, 'kubernetes/infrastructure/observability/fluent-bit');

type Properties = Record<string, unknown>;
interface Configuration {
  service: Properties;
  parsers: Properties[];
  pipeline: Record<'inputs' | 'filters' | 'outputs', Properties[]>;
}
interface Volume {
  name: string;
  hostPath?: { path: string };
}
interface Values {
  env: { name: string }[];
  resources: object;
  daemonSetVolumes: Volume[];
  daemonSetVolumeMounts: { name: string; mountPath: string; readOnly?: boolean }[];
  args: string[];
  config: { extraFiles: Record<string, string> };
}

const release = parse(readFileSync(join(folder, 'helmrelease.yaml'), 'utf8')) as { spec: { values: Values } };
const { values } = release.spec;
/** As Flux substitutes it. */
const text = values.config.extraFiles['fluent-bit.yaml']!.replace(/(?<!\$)\$\{CLUSTER\}/g, 'one').replaceAll('$$', '$');
const { service, parsers, pipeline } = parse(text) as Configuration;

// What each plugin takes, from its config map in the sources of Fluent Bit 4.0.7 (plugins/*/*.c), and what every plugin does
// (src/flb_input.c, flb_filter.c, flb_output.c). Fluent Bit does not start with any other property.
const ofEvery: Record<keyof Configuration['pipeline'], string[]> = {
  inputs: ['name', 'alias', 'tag', 'storage.type', 'listen', 'port'],
  filters: ['name', 'match'],
  outputs: ['name', 'alias', 'match', 'host', 'port', 'retry_limit', 'storage.total_limit_size', 'tls', 'tls.verify'],
};
const ofPlugin: Record<string, string[]> = {
  tail: [
    'path',
    'exclude_path',
    'multiline.parser',
    'parser',
    'db',
    'buffer_chunk_size',
    'buffer_max_size',
    'skip_long_lines',
  ],
  tcp: ['format'],
  kubernetes: ['kube_tag_prefix', 'merge_log', 'annotations', 'k8s-logging.parser', 'k8s-logging.exclude'],
  modify: ['set', 'remove', 'condition'],
  http: [
    ...['uri', 'format', 'json_date_key', 'json_date_format', 'compress', 'http_user', 'http_passwd'],
    ...['tls.verify_hostname', 'tls.ca_file'],
  ],
};

test.each(['inputs', 'filters', 'outputs'] as const)('%s have properties that their plugins know', (kind) => {
  for (const plugin of pipeline[kind]) {
    const name = String(plugin['name']);
    const known = [...ofEvery[kind], ...(ofPlugin[name] ?? [])];
    expect([name, Object.keys(plugin).filter((key) => !known.includes(key))]).toEqual([name, []]);
  }
});

test('containers, audit log and Talos are read, each into a buffer on disk', () => {
  expect(pipeline.inputs.map(({ tag, path, port }) => [tag, path ?? port])).toEqual([
    ['kube.*', '/var/log/containers/*.log'],
    ['audit', '/var/log/audit/kube/kube-apiserver.log'],
    ['talos', 5170],
  ]);
  expect(pipeline.inputs.map((input) => input['storage.type'])).toEqual(['filesystem', 'filesystem', 'filesystem']);
  // Its own log would feed on itself.
  expect(pipeline.inputs[0]?.['exclude_path']).toMatch(/^\/var\/log\/containers\/fluent-bit-\*/);
});

test('everything that it writes is on the volume that survives it, and nothing else is writable', () => {
  const [state] = values.daemonSetVolumeMounts.filter(({ readOnly }) => readOnly !== true);
  expect(values.daemonSetVolumeMounts.filter(({ readOnly }) => readOnly !== true)).toHaveLength(1);
  expect(values.daemonSetVolumes.find(({ name }) => name === state?.name)?.hostPath?.path).toBe('/var/lib/fluent-bit');
  const written = [service['storage.path'], ...pipeline.inputs.flatMap(({ db }) => db ?? [])];
  expect(written).toEqual([
    '/var/lib/fluent-bit/buffer',
    '/var/lib/fluent-bit/containers.db',
    '/var/lib/fluent-bit/audit.db',
  ]);
});

test('the parser that an input names exists', () => {
  const named = pipeline.inputs.flatMap(({ parser }) => parser ?? []);
  expect(named).toEqual(parsers.map(({ name }) => name));
});

test('every record has cluster, node and source', () => {
  const sets = pipeline.filters.filter(({ name }) => name === 'modify').map(({ match, set }) => [match, set]);
  expect(sets).toEqual([
    ['kube.*', 'source container'],
    ['audit', 'source audit'],
    ['talos', 'source talos'],
    ['talos', 'talos-service kernel'],
    ['*', ['cluster one', 'node ${NODE_NAME}']],
  ]);
});

test('one output: to the front door, encrypted, verified and as this cluster', () => {
  expect(pipeline.outputs).toHaveLength(1);
  const { uri, ...output } = pipeline.outputs[0]!;
  expect(output).toEqual({
    name: 'http',
    alias: 'victoria-logs',
    match: '*',
    host: 'vmauth-global.observability.svc.cluster.local',
    port: 8427,
    format: 'json_lines',
    json_date_key: 'date',
    json_date_format: 'iso8601',
    compress: 'gzip',
    http_user: 'one-logs-writer',
    http_passwd: '${LOGS_PASSWORD}',
    tls: true,
    'tls.verify': true,
    'tls.verify_hostname': true,
    'tls.ca_file': '/etc/fluent-bit/ca/ca.crt',
    retry_limit: 'no_limits',
    'storage.total_limit_size': '2G',
  });
  const url = new URL(String(uri), 'https://vmauth-global');
  expect(url.pathname).toBe('/insert/jsonline');
  // The time: Talos' own where there is one. The message: of containers, Talos, and audit events.
  expect(Object.fromEntries(url.searchParams)).toEqual({
    _stream_fields:
      'cluster,node,source,kubernetes.namespace_name,kubernetes.pod_name,kubernetes.container_name,talos-service',
    _time_field: 'talos-time,date',
    _msg_field: 'log,msg,requestURI',
  });
});

test('variables of the environment are those that the pod has', () => {
  const used = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
  expect([...new Set(used)].sort()).toEqual(values.env.map(({ name }) => name).sort());
});

test('the release starts with this configuration, within the bounds of the architecture', () => {
  expect(values.args).toEqual(['--config=/fluent-bit/etc/conf/fluent-bit.yaml']);
  expect(values.resources).toEqual({
    requests: { cpu: '50m', memory: '128Mi' },
    limits: { cpu: '200m', memory: '256Mi' },
  });
});
