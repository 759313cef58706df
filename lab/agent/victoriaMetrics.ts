import { parse } from 'yaml';
import {
  at,
  firstProblem,
  listAt,
  type Lookup,
  missingKey,
  namespaceOf,
  pendingMount,
  pendingVolumes,
  type Refusal,
  specOf,
  text,
} from './refusals';
import type { ReportedObject } from './reportedObject';

// VictoriaMetrics operator 0.63 (internal/controller/operator/factory): it reports `failed` with the reason, and `operational`
// once the pods that it makes are ready.

/** Why the volumes of a template stay pending. */
const volumeProblem = (lookup: Lookup, template: unknown): Promise<string | undefined> =>
  pendingVolumes(lookup, text(template, 'volumeClaimTemplate', 'spec', 'storageClassName'));

/** Credentials and CA of each remote write, and the volume. */
export const vmAgent: Refusal = (object, lookup) => {
  const spec = specOf(object);
  const writes = listAt(spec, 'remoteWrite');
  if (writes.length === 0) return Promise.resolve('it has no remoteWrite');
  const secrets = writes.flatMap((write) => [
    at(write, 'basicAuth', 'username'),
    at(write, 'basicAuth', 'password'),
    at(write, 'tlsConfig', 'ca', 'secret'),
  ]);
  return firstProblem([
    ...secrets
      .filter((reference) => reference !== undefined)
      .map((one) => missingKey(lookup, namespaceOf(object), text(one, 'name') ?? '', text(one, 'key') ?? '')),
    volumeProblem(lookup, spec['statefulStorage']),
  ]);
};

/** The volumes of its parts. */
export const vmCluster: Refusal = (object, lookup) =>
  firstProblem(['vmstorage', 'vmselect'].map((part) => volumeProblem(lookup, at(specOf(object), part, 'storage'))));

/** The Secrets that its pods mount, and the passwords of its users. */
export const vmAuth: Refusal = async (object, lookup) => {
  const namespace = namespaceOf(object);
  for (const name of listAt(specOf(object), 'secrets') as string[]) {
    const pending = await pendingMount(lookup, namespace, name);
    if (pending !== undefined) return pending;
  }
  const users = await lookup.list(`/apis/operator.victoriametrics.com/v1beta1/namespaces/${namespace}/vmusers`);
  return firstProblem(users.map((user) => passwordProblem(lookup, user)));
};

function passwordProblem(lookup: Lookup, user: ReportedObject): Promise<string | undefined> {
  const reference = at(user.spec, 'passwordRef');
  if (reference === undefined) return Promise.resolve(undefined);
  return missingKey(lookup, namespaceOf(user), text(reference, 'name') ?? '', text(reference, 'key') ?? '');
}

/** vmalert does not start without a notifier. */
export const vmAlert: Refusal = (object) => {
  const spec = specOf(object);
  const notifies =
    ['notifier', 'notifierConfigRef'].some((key) => spec[key] !== undefined) ||
    listAt(spec, 'notifiers').length > 0 ||
    text(spec, 'extraArgs', 'notifier.blackhole') === 'true';
  return Promise.resolve(notifies ? undefined : 'it has no notifier');
};

/** Each route names a receiver that exists; and the volume. */
export const vmAlertmanager: Refusal = async (object, lookup) => {
  const spec = specOf(object);
  return configProblem(text(spec, 'configRawYaml')) ?? (await volumeProblem(lookup, spec['storage']));
};

/** It has a route, each route names one of its receivers, and the addresses of webhooks can be read. */
export const vmAlertmanagerConfig: Refusal = (object, lookup) => {
  const spec = specOf(object);
  const route = spec['route'] as Route | undefined;
  if (route?.receiver === undefined) return Promise.resolve('root route receiver cannot be empty');
  const receivers = listAt(spec, 'receivers');
  const known = new Set(receivers.map((receiver) => text(receiver, 'name')));
  const unknown = receiversOf(route).find((receiver) => !known.has(receiver));
  if (unknown !== undefined) return Promise.resolve(`undefined receiver "${unknown}" used in route`);
  const addresses = receivers
    .flatMap((receiver) => listAt(receiver, 'webhook_configs'))
    .map((webhook) => at(webhook, 'url_secret'))
    .filter((reference) => reference !== undefined);
  return firstProblem(
    addresses.map((one) => missingKey(lookup, namespaceOf(object), text(one, 'name') ?? '', text(one, 'key') ?? '')),
  );
};

interface Route {
  receiver?: string;
  routes?: Route[];
}

function configProblem(source: string | undefined): string | undefined {
  if (source === undefined) return undefined;
  let config: { route?: Route; receivers?: { name?: string }[] } | null;
  try {
    config = parse(source) as typeof config;
  } catch (error) {
    return `its configuration is not YAML: ${(error as Error).message.split('\n')[0]}`;
  }
  if (config?.route?.receiver === undefined) return 'its configuration has no root route with a receiver';
  const known = new Set(config.receivers?.map(({ name }) => name));
  const unknown = receiversOf(config.route).find((receiver) => !known.has(receiver));
  return unknown === undefined ? undefined : `undefined receiver "${unknown}" used in route`;
}

function receiversOf({ receiver, routes = [] }: Route): string[] {
  return [...(receiver === undefined ? [] : [receiver]), ...routes.flatMap(receiversOf)];
}
