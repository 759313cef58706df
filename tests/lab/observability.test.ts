import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expectedJobs } from '../../gitops/generate/expected';
import { storingCluster } from '../../gitops/generate/fleet';
import { readFleet } from '../../gitops/generate/readFleet';
import { logDelivery } from '../../lab/observability/logDelivery';
import type { Observed } from '../../lab/observability/observe';
import { commitChange } from '../../lab/services/git/publish';
import { savedContext } from '../../lab/up/savedContext';
import { activeAlerts, ask, askDoor, query } from '../observability/door';
import { dashboardQueries } from '../rules/dashboards';
import { restored } from './base';
import { Checkout, until } from './checkout';
import { requiredStack } from './chosenStack';

// A restored lab with the real programs of observability next to it (`lab observe --quick`): scraped and evaluated every 5 seconds,
// and no alert pending for more than 10. The tests run in this order and depend on each other.
const minute = 60_000;
const checkout = new Checkout('observability');
const fleet = readFleet(checkout.root);
const storing = requiredStack(storingCluster(fleet)?.name, 'metrics-store');
const other = requiredStack(fleet.find(({ name }) => name !== storing)?.name, 'metrics and not the store');
const namespace = 'observability';
const log = (line: string): void => void process.stdout.write(`${line}\n`);
let observed: Observed;
let reader = '';

/** Of cert-manager, what runs in the lab is the webhook: its monitor takes the Service as job. */
const webhook = 'cert-manager-webhook';
/** Jobs whose programs run in the lab, so that they have targets that answer. */
const realJobs = [
  'apiserver',
  'etcd',
  'external-secrets-metrics',
  'flux-operator',
  'flux-system/flux-controllers',
  'kube-controller-manager',
  'kube-scheduler',
  'vmagent-collector',
];

interface Secret {
  metadata: { name: string };
  data: Record<string, string>;
}

async function secretOf(cluster: string, place: string, name: string, key: string): Promise<string> {
  const secrets = await checkout.get<Secret>(cluster, 'secrets', '-n', place);
  const value = secrets.find(({ metadata }) => metadata.name === name)?.data[key];
  if (value === undefined) throw new Error(`${cluster}: Secret ${place}/${name} has no ${key}`);
  return Buffer.from(value, 'base64').toString('utf8');
}

/** Makes a controller look at an object now, as `flux reconcile` does. */
async function reconcile(cluster: string, object: string): Promise<void> {
  const annotation = `reconcile.fluxcd.io/requestedAt=${new Date().toISOString()}`;
  const command = ['annotate', '--overwrite', '-n', 'flux-system', object, annotation];
  await checkout.must('kubectl', '--cluster', cluster, ...command);
}

/** Seconds of a part, for the log. */
async function timed(what: string, part: () => Promise<void>): Promise<void> {
  const startedAt = Date.now();
  await part();
  log(`${what}: ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}

beforeAll(async () => {
  await restored(checkout);
  const startedAt = Date.now();
  observed = JSON.parse(await checkout.must('observe', '--quick', '--json')) as Observed;
  reader = await secretOf(storing, namespace, 'reader', 'password');
  log(`observe --quick: ${((Date.now() - startedAt) / 1000).toFixed(0)} s; left out: ${observed.leftOut.join('; ')}`);
}, 60 * minute);
afterAll(() => checkout.remove(), 5 * minute);

test(
  'of both clusters, what really runs is scraped, and arrives through the front door',
  async () => {
    const wanted = fleet.flatMap((cluster) =>
      [...expectedJobs(cluster).filter((job) => realJobs.includes(job)), webhook].map(
        (job) => `${cluster.name} ${job}`,
      ),
    );
    expect(wanted).toHaveLength(fleet.length * (realJobs.length + 1));
    let missing = wanted;
    let down: string[] = [];
    const looked = async (): Promise<boolean> => {
      const targets = await query(observed, reader, 'min by (cluster, job, instance) (up)');
      const named = targets.map(({ metric, value }) => ({
        job: `${metric['cluster']} ${metric['job']}`,
        instance: metric['instance'] ?? '',
        isUp: value[1] === '1',
      }));
      missing = wanted.filter((job) => !named.some((one) => one.job === job && one.isUp));
      down = named.filter(({ isUp }) => !isUp).map(({ job, instance }) => `${job} ${instance}`);
      return missing.length + down.length === 0;
    };
    // A busy machine may not answer at first.
    await until('everything that runs answers', 180, looked).catch(() => undefined);
    expect({ missing, down }).toEqual({ missing: [], down: [] });
    const counts = await query(observed, reader, 'count by (cluster, job) (up)');
    log(
      counts
        .map(({ metric, value }) => `${metric['cluster']} ${metric['job']}: ${value[1]}`)
        .sort()
        .join('\n'),
    );
  },
  5 * minute,
);

test(
  'the front door takes what a cluster sends with its own password, and refuses every other',
  async () => {
    const request = { path: '/insert/0/prometheus/api/v1/write', user: `${other}-metrics-writer`, body: '' };
    const own = await secretOf(other, namespace, 'metrics-writer', 'password');
    const notOwn = await secretOf(storing, namespace, 'metrics-writer', 'password');
    const answers = [own, notOwn, 'wrong'].map((password) => askDoor(observed, { ...request, password }));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([204, 401, 401]);
    expect((await askDoor(observed, { path: request.path, body: '' })).status).toBe(401);
  },
  minute,
);

describe('an alert goes the whole way', () => {
  const file = `kubernetes/clusters/${other}/kustomization.yaml`;
  const missing = '  - no-such-system.yaml\n';
  const alertName = 'FluxResourceNotReady';
  const broken = { cluster: other, kind: 'Kustomization', exported_namespace: 'flux-system', name: 'flux-system' };

  interface Kustomization {
    metadata: { name: string };
    status?: { conditions?: { type: string; status: string }[] };
  }

  const readiness = async (): Promise<string | undefined> => {
    const all = await checkout.get<Kustomization>(other, 'kustomizations', '-n', 'flux-system');
    const own = all.find(({ metadata }) => metadata.name === broken.name);
    return own?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  };
  const active = async () =>
    (await activeAlerts(observed, alertName)).filter(({ labels }) => labels['name'] === broken.name);
  /** A commit, and what Flux makes of it. flux-operator reports every 5 minutes, and when its report is annotated. */
  const commit = async (edit: (text: string) => string, ready: string): Promise<void> => {
    commitChange(savedContext(checkout.root), file, edit);
    await reconcile(other, 'gitrepository/flux-system');
    await until(
      `Kustomization ${broken.name} of ${other} is ready: ${ready}`,
      300,
      async () => (await readiness()) === ready,
    );
    await reconcile(other, 'fluxreport/flux');
  };

  test(
    'a Kustomization that is broken in Git becomes an alert of its cluster',
    async () => {
      expect(await active()).toEqual([]);
      await timed('from the commit to a Kustomization that is not ready', () =>
        commit((text) => text.replace(/^resources:\n/m, (line) => `${line}${missing}`), 'False'),
      );
      await timed('from there to Alertmanager', () =>
        until(`${alertName} of ${other}`, 120, async () => (await active()).length > 0),
      );
      const [alert, ...more] = await active();
      expect(alert?.labels).toMatchObject({ ...broken, severity: 'warning' });
      expect(more).toEqual([]);
    },
    10 * minute,
  );

  test(
    'meanwhile, the queries of two dashboards are answered',
    async () => {
      // Nothing is wrong there, and its errors are counted from the first one.
      const mayBeEmpty = /externalsecret_sync_calls_error|externalsecret_status_condition\{.*\} == 1/;
      const queries = dashboardQueries(checkout.root)
        .filter(({ language, where }) => language === 'metricsql' && /(flux|external-secrets)\.json/.test(where))
        .map(({ where, text }) => ({ where: path.basename(where), text: text.replaceAll('$cluster', '.+') }));
      expect(queries.length).toBeGreaterThan(10);
      const answers = await Promise.all(
        queries.map(async (one) => ({ ...one, found: (await query(observed, reader, one.text)).length })),
      );
      log(answers.map(({ where, found }) => `${where}: ${found} series`).join('\n'));
      expect(answers.filter(({ text, found }) => found === 0 && !mayBeEmpty.test(text))).toEqual([]);
    },
    2 * minute,
  );

  test(
    'it is resolved after the revert',
    async () => {
      await timed('from the revert to a Kustomization that is ready', () =>
        commit((text) => text.replace(missing, ''), 'True'),
      );
      await timed('from there to an Alertmanager without it', () =>
        until(`no ${alertName} of ${other}`, 120, async () => (await active()).length === 0),
      );
    },
    15 * minute,
  );
});

// While no cluster lists the systems of logs, no writer exists that could send any.
const logsListed = fleet.some(({ name, systems }) => name === other && systems.has('logs'));
(logsListed ? test : test.skip)(
  'a line of logs, sent as Fluent Bit would, is found with its cluster',
  async () => {
    const place = 'observability-agents';
    const maps = await checkout.get<{ metadata: { name: string }; data: Record<string, string> }>(
      other,
      'configmaps',
      '-n',
      place,
    );
    const config = maps.find(({ metadata }) => metadata.name === 'fluent-bit')?.data['fluent-bit.yaml'] ?? '';
    const delivery = logDelivery(config, 'kube.var.log.containers.x', { NODE_NAME: 'node-1' });
    const message = `hello ${Date.now()}`;
    const line = { date: new Date().toISOString(), log: message, ...delivery.fields };
    const { status } = await askDoor(observed, {
      path: delivery.path,
      user: delivery.user,
      password: await secretOf(other, place, 'fluent-bit', 'password'),
      body: `${JSON.stringify(line)}\n`,
    });
    expect(status).toBe(200);
    const search = encodeURIComponent(`{cluster="${other}", source="container"} "${message}"`);
    await until('the line is found', 30, async () => {
      const { text } = await ask(`${observed.logs}/select/logsql/query?query=${search}`);
      return text.includes(message);
    });
  },
  2 * minute,
);

test(
  'the watchdog of each cluster reaches Alertmanager',
  async () => {
    await until('both watchdogs', 60, async () => (await activeAlerts(observed, 'Watchdog')).length === fleet.length);
  },
  2 * minute,
);

test(
  'down stops everything that observe has started',
  async () => {
    await checkout.must('down');
    await sleep(500);
    await expect(ask(`${observed.metrics}/health`)).rejects.toThrow('ECONNREFUSED');
  },
  3 * minute,
);
