import type { Refusal } from '../../lab/agent/refusals';
import type { ReportedObject } from '../../lab/agent/reportedObject';
import {
  vmAgent,
  vmAlert,
  vmAlertmanager,
  vmAlertmanagerConfig,
  vmAuth,
  vmCluster,
} from '../../lab/agent/victoriaMetrics';
import { lookup, object, type Objects } from './lookup';

const block = { '/apis/storage.k8s.io/v1/storageclasses/block': {} };
const storage = { volumeClaimTemplate: { spec: { storageClassName: 'block' } } };
const writer = {
  '/api/v1/namespaces/ns/secrets/writer': { data: { username: 'eA==', password: 'eA==', 'ca.crt': 'eA==' } },
};
const key = (name: string) => ({ name: 'writer', key: name });
const agent = object({
  statefulStorage: storage,
  remoteWrite: [
    {
      url: 'https://door:8427',
      basicAuth: { username: key('username'), password: key('password') },
      tlsConfig: { ca: { secret: key('ca.crt') } },
    },
  ],
});
const users = '/apis/operator.victoriametrics.com/v1beta1/namespaces/ns/vmusers';
const user = (secretKey: string) => ({
  [`${users}/one`]: { metadata: { name: 'one', namespace: 'ns' }, spec: { passwordRef: key(secretKey) } },
});
const config = (receiver: string): string =>
  `route: {receiver: nothing, routes: [{receiver: ${receiver}}]}\nreceivers: [{name: nothing}]\n`;
const receivers = [{ name: 'people', webhook_configs: [{ url_secret: key('password') }] }];

test.each<[string, Refusal, ReportedObject, Objects]>([
  ['an agent', vmAgent, agent, { ...block, ...writer }],
  ['a cluster', vmCluster, object({ vmstorage: { storage }, vmselect: {} }), block],
  ['a front door', vmAuth, object({ secrets: ['writer'] }), { ...writer, ...user('password') }],
  ['an alert', vmAlert, object({ notifiers: [{ selector: {} }] }), {}],
  ['an alert that notifies nothing on purpose', vmAlert, object({ extraArgs: { 'notifier.blackhole': 'true' } }), {}],
  ['an Alertmanager', vmAlertmanager, object({ configRawYaml: config('nothing'), storage }), block],
  ['a receiver', vmAlertmanagerConfig, object({ route: { receiver: 'people' }, receivers }), writer],
])('%s is accepted', async (_what, refuses, one, objects) => {
  expect(await refuses(one, lookup(objects))).toBeUndefined();
});

test.each<[string, Refusal, ReportedObject, Objects]>([
  ['it has no remoteWrite', vmAgent, object({}), {}],
  ['Secret ns/writer does not exist', vmAgent, agent, block],
  [
    'Secret ns/writer has no key ca.crt',
    vmAgent,
    agent,
    { ...block, '/api/v1/namespaces/ns/secrets/writer': { data: { username: 'eA==', password: 'eA==' } } },
  ],
  ['its volumes stay pending: StorageClass block does not exist', vmAgent, agent, writer],
  [
    'its volumes stay pending: StorageClass block does not exist',
    vmCluster,
    object({ vmstorage: { storage }, vmselect: {} }),
    {},
  ],
  ['its pods stay pending: Secret ns/tls does not exist', vmAuth, object({ secrets: ['tls'] }), {}],
  ['Secret ns/writer has no key other', vmAuth, object({}), { ...writer, ...user('other') }],
  ['it has no notifier', vmAlert, object({ datasource: { url: 'http://select' } }), {}],
  ['its configuration has no root route with a receiver', vmAlertmanager, object({ configRawYaml: 'route: {}' }), {}],
  ['undefined receiver "mail" used in route', vmAlertmanager, object({ configRawYaml: config('mail') }), {}],
  ['root route receiver cannot be empty', vmAlertmanagerConfig, object({ receivers }), writer],
  [
    'undefined receiver "mail" used in route',
    vmAlertmanagerConfig,
    object({ route: { receiver: 'people', routes: [{ receiver: 'mail' }] }, receivers }),
    writer,
  ],
  ['Secret ns/writer does not exist', vmAlertmanagerConfig, object({ route: { receiver: 'people' }, receivers }), {}],
])('"%s" is refused', async (why, refuses, one, objects) => {
  expect(await refuses(one, lookup(objects))).toBe(why);
});
