import { alertFlags, ruleFiles } from '../../lab/observability/alertConfig';
import { alertmanagerConfig } from '../../lab/observability/alertmanagerConfig';
import { authConfig, authFlags } from '../../lab/observability/authConfig';
import { hostUrl, requiredHostUrl } from '../../lab/observability/hosts';
import { logDelivery } from '../../lab/observability/logDelivery';
import type { Item, SecretKey } from '../../lab/observability/objects';
import { only, selected } from '../../lab/observability/objects';
import { remoteWrite } from '../../lab/observability/remoteWrite';

const hosts = { metrics: '127.0.0.1:1', alertmanager: '127.0.0.1:2', logs: '127.0.0.1:3' };
const secret = ({ namespace, name, key }: SecretKey): string => `${namespace}/${name}/${key}`;
const item = (name: string, spec: Item['spec'], namespace = 'observability'): Item => ({
  metadata: { name, namespace },
  spec,
});

describe('Services', () => {
  test.each([
    ['http://vminsert-global.observability.svc:8480/insert/0/prometheus', 'http://127.0.0.1:1/prometheus', 2],
    ['http://vmselect-global.observability.svc:8481/select/0/prometheus/', 'http://127.0.0.1:1/prometheus', 2],
    ['http://vmalertmanager-global.observability.svc:9093', 'http://127.0.0.1:2', 0],
    ['http://victoria-logs-vlinsert.observability.svc:9481', 'http://127.0.0.1:3', 0],
  ])('%s is %s', (url, found, dropped) => {
    expect(hostUrl(url, hosts)).toEqual({ url: found, dropped });
  });

  test('one that no program serves is none', () => {
    expect(hostUrl('http://victoria-traces.observability.svc:10428', hosts)).toBeUndefined();
    expect(() => requiredHostUrl('http://other:1', hosts)).toThrow(
      'http://other:1: no program of the lab serves it (lab/observability/hosts.ts)',
    );
  });
});

describe('users', () => {
  const user = (name: string, targetRefs: object[]): Item =>
    item(name, { passwordRef: { name: 's', key: 'k' }, targetRefs } as unknown as Item['spec']);

  test('paths are those of the object, or of its target; paths of the cluster version lose their tenant', () => {
    const insert = { crd: { kind: 'VMCluster/vminsert', name: 'global', namespace: 'observability' } };
    const { config, leftOut } = authConfig(
      [
        user('a', [{ ...insert, paths: ['/insert/0/prometheus/api/v1/write'] }]),
        user('b', [insert]),
        user('c', [{ static: { url: 'http://victoria-logs-vlinsert:9481' }, paths: ['/'] }]),
        user('d', [{ static: { url: 'http://victoria-traces:10428' }, paths: ['/insert/opentelemetry/v1/traces'] }]),
        user('e', [{ crd: { kind: 'VLCluster/vlselect', name: 'x' } }]),
      ],
      secret,
      hosts,
    );
    const metrics = { url_prefix: ['http://127.0.0.1:1'], drop_src_path_prefix_parts: 2 };
    const credential = (username: string) => ({ username, password: 'observability/s/k' });
    expect(config).toEqual({
      users: [
        { url_map: [{ ...metrics, src_paths: ['/insert/0/prometheus/api/v1/write'] }], ...credential('a') },
        { url_map: [{ ...metrics, src_paths: ['/insert/.*'] }], ...credential('b') },
        { url_map: [{ url_prefix: ['http://127.0.0.1:3'], src_paths: ['/.*'] }], ...credential('c') },
      ],
    });
    expect(leftOut).toEqual([
      'VMUser observability/d: the lab has no program for http://victoria-traces:10428',
      'VMUser observability/e: the lab has no program for VLCluster/vlselect',
    ]);
  });

  test('a user without a passwordRef is refused', () => {
    const without = item('a', { targetRefs: [{ static: { url: 'http://vmalertmanager-x' } }] });
    expect(() => authConfig([without], secret, hosts)).toThrow(
      'VMUser observability/a: the lab renders users with a passwordRef only',
    );
  });

  test('flags are those of the object, with its Secrets in another folder', () => {
    const auth = item('global', { extraArgs: { tls: 'true', tlsCertFile: '/etc/vm/secrets/door/tls.crt' } });
    expect(authFlags(auth, '/lab')).toEqual([
      ['tls', 'true'],
      ['tlsCertFile', '/lab/door/tls.crt'],
    ]);
  });
});

describe('rules', () => {
  const rule = item('flux', {
    groups: [
      {
        name: 'g',
        interval: '5m',
        rules: [
          { alert: 'A', expr: 'a', for: '20m' },
          { record: 'r', expr: 'b' },
        ],
      },
    ],
  });
  const alert = item('global', {
    ruleSelector: {},
    evaluationInterval: '30s',
    datasource: { url: 'http://vmselect-global:8481/select/0/prometheus' },
    remoteRead: { url: 'http://vmselect-global:8481/select/0/prometheus' },
    remoteWrite: { url: 'http://vminsert-global:8480/insert/0/prometheus' },
  });

  test('are those of the namespace, as they are', () => {
    expect(ruleFiles(alert, [rule, item('other', {}, 'elsewhere')])).toEqual([
      { name: 'observability-flux.yaml', content: { groups: rule.spec?.['groups'] } },
    ]);
    expect(alertFlags(alert, hosts)).toEqual([
      ['datasource.url', 'http://127.0.0.1:1/prometheus'],
      ['remoteRead.url', 'http://127.0.0.1:1/prometheus'],
      ['remoteWrite.url', 'http://127.0.0.1:1/prometheus'],
      ['notifier.url', 'http://127.0.0.1:2'],
      ['evaluationInterval', '30s'],
    ]);
  });

  test('in haste, no alert is pending for long', () => {
    const haste = { interval: 5, pending: 10 };
    expect(ruleFiles(alert, [rule], haste)[0]?.content).toEqual({
      groups: [
        {
          name: 'g',
          rules: [
            { alert: 'A', expr: 'a', for: '10s' },
            { record: 'r', expr: 'b' },
          ],
        },
      ],
    });
    expect(alertFlags(alert, hosts, haste)).toContainEqual(['evaluationInterval', '5s']);
  });

  test('a selector that is not understood is refused', () => {
    const other = item('global', { ruleSelector: { matchExpressions: [{ key: 'a', operator: 'Exists' }] } });
    expect(() => selected(other, 'ruleSelector', [rule])).toThrow(
      'observability/global: the lab does not render ruleSelector with matchExpressions',
    );
    const namespaces = item('global', { ruleSelector: {}, ruleNamespaceSelector: {} });
    expect(() => selected(namespaces, 'ruleSelector', [rule])).toThrow(
      'observability/global: the lab does not render ruleSelector with a selector for namespaces',
    );
    expect(selected(item('global', {}), 'ruleSelector', [rule])).toEqual([]);
    expect(() => only([], 'VMAlert')).toThrow('found 0 objects of kind VMAlert, expected 1');
  });
});

test('routes of VMAlertmanagerConfigs come after those of the object, go on, and have prefixed receivers', () => {
  const alertmanager = item('global', {
    configSelector: {},
    configRawYaml: 'route: {receiver: nothing}\nreceivers: [{name: nothing}]\n',
  });
  const people = item('people', {
    route: { receiver: 'people', matchers: ['a="b"'], routes: [{ receiver: 'people', repeat_interval: '1h' }] },
    receivers: [{ name: 'people', webhook_configs: [{ url_secret: { name: 's', key: 'url' }, send_resolved: true }] }],
  });
  const name = 'observability-people-people';
  expect(alertmanagerConfig(alertmanager, [people], secret)).toEqual({
    route: {
      receiver: 'nothing',
      routes: [
        {
          routes: [{ repeat_interval: '1h', receiver: name, continue: false }],
          matchers: ['a="b"', 'namespace = "observability"'],
          receiver: name,
          continue: true,
        },
      ],
    },
    receivers: [{ name: 'nothing' }, { name, webhook_configs: [{ send_resolved: true, url: 'observability/s/url' }] }],
    inhibit_rules: [],
  });
  const mail = item('people', { route: { receiver: 'x' }, receivers: [{ name: 'x', email_configs: [{}] }] });
  expect(() => alertmanagerConfig(alertmanager, [mail], secret)).toThrow(
    'VMAlertmanagerConfig observability/people: the lab does not render email_configs',
  );
  const muted = item('people', { route: { receiver: 'x', mute_time_intervals: ['night'] } });
  expect(() => alertmanagerConfig(alertmanager, [muted], secret)).toThrow(
    'VMAlertmanagerConfig observability/people: the lab does not render mute_time_intervals of a route',
  );
});

describe('what vmagent sends', () => {
  const write = {
    url: 'https://door.observability.svc:8427/insert/0/prometheus/api/v1/write',
    basicAuth: { username: { name: 'w', key: 'username' }, password: { name: 'w', key: 'password' } },
    tlsConfig: { ca: { secret: { name: 'w', key: 'ca.crt' } } },
  };

  test('goes to the front door, whose name is still checked, with the password in a file', () => {
    const agent = item('collector', { remoteWrite: [write], remoteWriteSettings: { maxDiskUsagePerURL: '4GB' } });
    expect(remoteWrite(agent, secret, '127.0.0.1:4', '/dir')).toEqual({
      files: [
        { name: 'password', content: 'observability/w/password' },
        { name: 'ca.crt', content: 'observability/w/ca.crt' },
      ],
      flags: [
        ['remoteWrite.url', 'https://127.0.0.1:4/insert/0/prometheus/api/v1/write'],
        ['remoteWrite.basicAuth.username', 'observability/w/username'],
        ['remoteWrite.basicAuth.passwordFile', '/dir/password'],
        ['remoteWrite.tlsCAFile', '/dir/ca.crt'],
        ['remoteWrite.tlsServerName', 'door.observability.svc'],
        ['remoteWrite.maxDiskUsagePerURL', '4GB'],
      ],
    });
  });

  test('has one destination, with a credential', () => {
    expect(() => remoteWrite(item('c', { remoteWrite: [write, write] }), secret, 'x', '/')).toThrow(
      'VMAgent observability/c: the lab renders agents with exactly one remoteWrite',
    );
    const { basicAuth: _basicAuth, ...open } = write;
    expect(() => remoteWrite(item('c', { remoteWrite: [open] }), secret, 'x', '/')).toThrow(
      'VMAgent observability/c: its remoteWrite has no basicAuth.password',
    );
  });
});

test('a line of logs gets the fields that filters of its tag set, and goes where the output does', () => {
  const config = `
pipeline:
  filters:
    - {name: kubernetes, match: kube.*}
    - {name: modify, match: kube.*, set: source container}
    - {name: modify, match: talos, set: source talos}
    - {name: modify, match: "*", set: ["cluster c", "node \${NODE_NAME}"]}
    - {name: modify, match: "*", condition: key_does_not_exist a, set: a b}
  outputs:
    - {name: http, uri: /insert/jsonline?_time_field=date, http_user: c-logs-writer}
`;
  expect(logDelivery(config, 'kube.var.log.x', { NODE_NAME: 'n' })).toEqual({
    path: '/insert/jsonline?_time_field=date',
    user: 'c-logs-writer',
    fields: { source: 'container', cluster: 'c', node: 'n' },
  });
  expect(() => logDelivery('pipeline: {}', 'x', {})).toThrow('the configuration of Fluent Bit has no output by HTTP');
});
