import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { textOf } from '../../gitops/kubernetesObject';
import { alertmanagerConfig, receiverName } from '../../lab/observability/alertmanagerConfig';
import type { Item } from '../../lab/observability/objects';
import { withRouting } from './amtool';
import { alertsOf, readTopics, root } from './ruleObjects';

// On a clean machine, its tools are built first.
jest.setTimeout(20 * 60_000);

// Alertmanager's own code on the configuration that the operator makes of our objects (lab/observability/alertmanagerConfig.ts).

const folder = join(root, 'kubernetes/infrastructure/observability');

/** An object of a file that no cluster needs to list, in its namespace. */
function read(file: string): Item {
  const object = parse(readFileSync(join(folder, file), 'utf8')) as Item;
  return { ...object, metadata: { ...object.metadata, namespace: 'observability' } };
}

const alertmanager = read('metrics-store/vmalertmanager.yaml');
const people = read('alert-people/vmalertmanagerconfig.yaml');
const heartbeat = read('alert-heartbeat/vmalertmanagerconfig.yaml');
const toPeople = receiverName(people, 'people');
const toHeartbeat = receiverName(heartbeat, 'heartbeat');
const nothing = 'nothing';
const config = (...configs: Item[]) =>
  alertmanagerConfig(alertmanager, configs, ({ name }) => `https://example.org/${name}`);

const rules = readTopics().flatMap(alertsOf);
const isWatchdog = (name: string): boolean => name === 'Watchdog';
/** What routes distinguish: each severity of our rules, that of Flux, and the watchdog, by an example. */
const examples = [
  ...new Map(
    rules.filter(({ alert }) => !isWatchdog(alert)).map((rule) => [rule.labels?.['severity'] ?? '', rule.alert]),
  ),
  ['error', 'KustomizationReconciliationFailed'],
].map(([severity = '', alertname = '']) => ({ alertname, severity, cluster: 'one', namespace: 'flux-system' }));
const watchdog = { alertname: 'Watchdog', severity: 'none', cluster: 'one' };

test('the examples are every severity that reaches people', () => {
  expect(examples.map(({ severity }) => severity).sort()).toEqual(['critical', 'error', 'info', 'warning']);
  expect(rules.filter(({ labels }) => labels?.['severity'] === 'none').map(({ alert }) => alert)).toEqual(['Watchdog']);
});

test('the watchdog goes to its own receiver, and everything else to people', async () => {
  await withRouting(config(heartbeat, people), async ({ check, receivers }) => {
    expect(check).toBe('valid');
    expect(await receivers(watchdog)).toEqual([toHeartbeat]);
    for (const example of examples) expect([example, await receivers(example)]).toEqual([example, [toPeople]]);
  });
});

test.each<[string, Item[], string[], string[]]>([
  ['without a receiver, nothing is sent', [], [nothing], [nothing]],
  ['without a heartbeat, people do not get the watchdog', [people], [nothing], [toPeople]],
  ['without people, a service outside still hears the heartbeat', [heartbeat], [toHeartbeat], [nothing]],
])('%s', async (_what, configs, ofWatchdog, ofOthers) => {
  await withRouting(config(...configs), async ({ check, receivers }) => {
    expect(check).toBe('valid');
    expect(await receivers(watchdog)).toEqual(ofWatchdog);
    for (const example of examples) expect([example, await receivers(example)]).toEqual([example, ofOthers]);
  });
});

test('a route of the base would keep alerts from people: the operator puts theirs after it', async () => {
  const raw = parse(textOf(alertmanager.spec?.['configRawYaml'])) as { route: object };
  const withRoute = {
    ...raw,
    route: { ...raw.route, routes: [{ receiver: nothing, matchers: ['severity="critical"'] }] },
  };
  const changed = { ...alertmanager, spec: { ...alertmanager.spec, configRawYaml: JSON.stringify(withRoute) } };
  const made = alertmanagerConfig(changed, [people], () => 'https://example.org/');
  await withRouting(made, async ({ receivers }) => {
    expect(await receivers({ alertname: 'A', severity: 'critical' })).toEqual([nothing]);
    expect(await receivers({ alertname: 'A', severity: 'warning' })).toEqual([toPeople]);
  });
});

test('a receiver that does not exist is refused', async () => {
  const made = config(people);
  await withRouting({ ...made, receivers: [{ name: nothing }] }, ({ check }) => {
    expect(check).toContain('undefined receiver "observability-people-people" used in route');
    return Promise.resolve();
  });
});
