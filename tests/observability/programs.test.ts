import * as fs from 'node:fs';
import * as http from 'node:http';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from '../../clients/kubernetes/client';
import { createLabContext, type LabCluster, type LabContext } from '../../lab/context';
import { startProcesses, stopProcesses } from '../../lab/executor/executor';
import type { StartedProcess } from '../../lab/executor/startProcess';
import { logDelivery } from '../../lab/observability/logDelivery';
import { type Observed, planObservability, readCluster } from '../../lab/observability/observe';
import { programs } from '../../lab/observability/processes';
import { forgetReservations } from '../../lab/ports';
import { generateCertificateAuthority } from '../../provider/resources/certificates/certificateAuthority';
import { ensureTools, inLines } from '../../tools/toolchain';
import { activeAlerts, ask, askDoor, query } from './door';
import { StubCluster } from './stubCluster';
import { clusters, fluentBitConfig, objectsOf, passwordOf, pod, storing } from './tree';

// On a clean machine, its tools are built first.
jest.setTimeout(20 * 60_000);

// The real programs with the rendering of our objects, and a stub in place of the clusters: what the lab does with real ones.

const dir = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'observability-')));
const labDir = path.join(dir, '.lab');
const other = clusters[1] ?? '';
const reader = passwordOf('reader', 'password');
const writer = passwordOf(`writers-${other}`, 'metrics-writer-password');
const stubs: StubCluster[] = [];
const clients: KubernetesClient[] = [];
let started: StartedProcess[] = [];
let observed: Observed;
let ready = 'False';

/** In place of a Flux controller. */
const exporter = http.createServer((_request, response) => {
  response.end(
    `flux_resource_info{kind="Kustomization",name="broken",exported_namespace="flux-system",ready="${ready}",reason="BuildFailed",suspended="False"} 1\n`,
  );
});

const labCluster = (name: string): LabCluster => ({
  name,
  settings: {},
  nodes: [
    {
      name: `${name}-01`,
      role: 'controlplane',
      address: '10.25.11.11',
      endpoint: '127.25.11.11',
      links: { names: [], selectors: [] },
    },
  ],
});

async function start(name: string, ctx: LabContext, authority: ConstructorParameters<typeof StubCluster>[2]) {
  const controller = pod(
    'flux-system',
    'source-controller-5c7d8f-x2k9p',
    { 'app.kubernetes.io/part-of': 'flux' },
    {
      name: 'http-prom',
      containerPort: 8080,
    },
  );
  const simulated = pod(
    'flux-system',
    'notification-controller-5c7d8f-x2k9p',
    { 'app.kubernetes.io/part-of': 'flux' },
    {
      name: 'http-prom',
      containerPort: 8080,
    },
  );
  const stub = new StubCluster(objectsOf(name), [controller, simulated], authority, name);
  stubs.push(stub);
  const api = await stub.start();
  clients.push(api);
  return readCluster(ctx.clusters.find((cluster) => cluster.name === name) ?? labCluster(name), api);
}

beforeAll(async () => {
  const tools = await ensureTools(
    programs,
    inLines(() => undefined),
  );
  const ctx = createLabContext({
    root: dir,
    prefix: '127.25',
    ports: {},
    tools,
    clusters: clusters.map(labCluster),
    secrets: { connectReadToken: '', connectWriteToken: '', cloudflareApiToken: '', pulumiPassphrase: '' },
    ha: false,
    plugins: 'standin',
    moduleDir: () => '',
  });
  const authority = await generateCertificateAuthority('observability', 1);
  const observedClusters = await Promise.all(clusters.map((name) => start(name, ctx, authority)));
  exporter.listen(ctx.port(`${other}-source-controller-metrics`), '127.0.0.1');
  const plan = await planObservability(ctx, observedClusters, { interval: 1, pending: 1 });
  observed = plan.observed;
  ({ started } = await startProcesses(plan.processes, {
    root: dir,
    labDir,
    running: [],
    additional: true,
    onChange: (all) => (started = [...all]),
    progress: () => undefined,
  }));
});

afterAll(async () => {
  await stopProcesses(started, { labDir, progress: () => undefined });
  exporter.closeAllConnections();
  exporter.close();
  for (const client of clients) client.close();
  await Promise.all(stubs.map((stub) => stub.stop()));
  forgetReservations(labDir);
  fs.rmSync(dir, { recursive: true, force: true });
});

async function until<T>(what: string, attempt: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const found = await attempt();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`not within 20 s: ${what}`);
    await sleep(100);
  }
}

test('what a cluster scrapes arrives through the front door, with its job and its cluster', async () => {
  const [sample] = await until('a series of the controller', async () => {
    const found = await query(observed, reader, 'flux_resource_info');
    return found.length > 0 ? found : undefined;
  });
  expect(sample?.metric).toMatchObject({
    cluster: other,
    job: 'flux-system/flux-controllers',
    pod: 'source-controller-5c7d8f-x2k9p',
    namespace: 'flux-system',
    instance: '10.244.0.7:8080',
    endpoint: 'http-prom',
  });
});

test('the door lets each user do what it may, and no more', async () => {
  const path_ = '/insert/0/prometheus/api/v1/write';
  const user = `${other}-metrics-writer`;
  const statusOf = async (request: Parameters<typeof askDoor>[1]): Promise<number> =>
    (await askDoor(observed, request)).status;
  expect(await statusOf({ path: path_, user, password: writer, body: '' })).toBe(204);
  expect(await statusOf({ path: path_, user, password: 'wrong', body: '' })).toBe(401);
  expect(await statusOf({ path: path_, body: '' })).toBe(401);
  // Known, but not for this.
  expect(await statusOf({ path: '/select/0/prometheus/api/v1/query?query=up', user, password: writer })).toBe(400);
  expect(await statusOf({ path: path_, user: 'reader', password: reader, body: '' })).toBe(400);
});

test('an alert reaches Alertmanager with its cluster, and is over when its cause is', async () => {
  const [alert] = await until('the alert', async () => {
    const found = await activeAlerts(observed, 'FluxResourceNotReady');
    return found.length > 0 ? found : undefined;
  });
  expect(alert?.labels).toMatchObject({ cluster: other, name: 'broken', kind: 'Kustomization', severity: 'warning' });
  ready = 'True';
  await until('its end', async () =>
    (await activeAlerts(observed, 'FluxResourceNotReady')).length === 0 ? true : undefined,
  );
});

test('the watchdog of each cluster fires', async () => {
  const found = await until('both watchdogs', async () => {
    const watchdogs = await activeAlerts(observed, 'Watchdog');
    return watchdogs.length === clusters.length ? watchdogs : undefined;
  });
  expect(found.map(({ labels }) => labels['cluster']).sort()).toEqual([...clusters].sort());
});

test('an alert of Flux comes in with the credential of its cluster', async () => {
  const labels = { alertname: 'KustomizationReconciliationFailed', severity: 'error', cluster: other };
  const { status } = await askDoor(observed, {
    path: '/api/v2/alerts',
    user: `${other}-alerts-writer`,
    password: passwordOf(`writers-${other}`, 'alerts-writer-password'),
    body: JSON.stringify([{ labels }]),
  });
  expect(status).toBe(200);
  const [alert] = await activeAlerts(observed, labels.alertname);
  expect(alert?.labels).toEqual(labels);
});

test('a line of logs, sent as Fluent Bit sends it, is found by its cluster', async () => {
  const delivery = logDelivery(fluentBitConfig(other), 'kube.var.log.containers.x', { NODE_NAME: 'node-1' });
  expect(delivery.fields).toEqual({ source: 'container', cluster: other, node: 'node-1' });
  const { status } = await askDoor(observed, {
    path: delivery.path,
    user: delivery.user,
    password: passwordOf(`writers-${other}`, 'logs-writer-password'),
    body: `${JSON.stringify({ date: new Date().toISOString(), log: 'hello of the lab', ...delivery.fields })}\n`,
  });
  expect(status).toBe(200);
  const search = encodeURIComponent(`{cluster="${other}", source="container"} hello`);
  const found = await until('the line', async () => {
    const { text } = await ask(`${observed.logs}/select/logsql/query?query=${search}`);
    return text === '' ? undefined : (JSON.parse(text.split('\n')[0] ?? '') as Record<string, string>);
  });
  expect(found).toMatchObject({ _msg: 'hello of the lab', cluster: other, node: 'node-1' });
});

test('vmagent gets an account and the role that the operator would give it', () => {
  const paths = stubs.map(({ applied }) => [...applied.keys()].sort());
  expect(paths).toEqual(
    clusters.map(() => [
      '/api/v1/namespaces/observability/serviceaccounts/vmagent-collector',
      '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/monitoring:observability:vmagent-collector',
      '/apis/rbac.authorization.k8s.io/v1/clusterroles/monitoring:observability:vmagent-collector',
    ]),
  );
});

test('passwords are in files of the owner, and in no argument', () => {
  const commands = started.map(({ pid }) => fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  expect(commands.join('\n')).not.toContain('password of');
  for (const name of ['vmauth/auth.yaml', `vmagent-${storing}/password`, 'vmauth/vmauth-global-tls/tls.key'])
    expect([name, fs.statSync(path.join(labDir, 'observability', name)).mode & 0o077]).toEqual([name, 0]);
});
