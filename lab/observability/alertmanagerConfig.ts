import { parse } from 'yaml';
import { isMap, type Json, type JsonMap, listOf, textOf, valueAt } from '../../gitops/kubernetesObject';
import { type Item, nameOf, namespaceOf, type ReadSecret, selected } from './objects';

// What VictoriaMetrics operator 0.63 makes of a VMAlertmanager and its VMAlertmanagerConfigs
// (internal/controller/operator/factory/vmalertmanager/config.go): routes, receivers that are webhooks, inhibit rules.

/** Alertmanager's configuration. */
export interface AlertmanagerConfig extends JsonMap {
  route: JsonMap;
  receivers: Json[];
}

/**
 * The configuration of an Alertmanager: that of the object, and below its route those of the VMAlertmanagerConfigs that it selects, in
 * the order of their names. Throws for what the lab does not render.
 */
export function alertmanagerConfig(
  alertmanager: Item,
  configs: readonly Item[],
  secret: ReadSecret,
): AlertmanagerConfig {
  const base = parse(textOf(alertmanager.spec?.['configRawYaml'])) as Json;
  if (!isMap(base) || !isMap(base['route']))
    throw new Error(`VMAlertmanager ${nameOf(alertmanager)}: its configRawYaml has no route`);
  const chosen = selected(alertmanager, 'configSelector', configs);
  return {
    ...base,
    route: {
      ...base['route'],
      routes: [...listOf(base['route']['routes']), ...chosen.map((config) => topRoute(alertmanager, config))],
    },
    receivers: [...listOf(base['receivers']), ...chosen.flatMap((config) => receiversOf(config, secret))],
    inhibit_rules: [
      ...listOf(base['inhibit_rules']),
      ...chosen.flatMap((config) => listOf(config.spec?.['inhibit_rules'])),
    ],
  };
}

/** The operator prefixes the names of receivers, so that two configurations cannot have the same. */
export function receiverName(config: Item, name: string): string {
  return `${namespaceOf(config)}-${config.metadata.name}-${name}`;
}

/** The first route of a configuration: unless the object says otherwise, alerts go on to the next one. */
function topRoute(alertmanager: Item, config: Item): JsonMap {
  const route = config.spec?.['route'];
  if (!isMap(route)) throw new Error(`VMAlertmanagerConfig ${nameOf(config)}: it has no route`);
  const { disableNamespaceMatcher, disableRouteContinueEnforce } = alertmanager.spec ?? {};
  const matchers = [
    ...listOf(route['matchers']),
    ...(disableNamespaceMatcher === true ? [] : [`namespace = "${namespaceOf(config)}"`]),
  ];
  return routeOf(config, {
    ...route,
    ...(matchers.length > 0 && { matchers }),
    continue: disableRouteContinueEnforce === true ? route['continue'] === true : true,
  });
}

const routeKeys = ['matchers', 'group_by', 'group_interval', 'group_wait', 'repeat_interval'] as const;

function routeOf(config: Item, route: JsonMap): JsonMap {
  const unknown = Object.keys(route).filter(
    (key) => !([...routeKeys, 'routes', 'receiver', 'continue'] as string[]).includes(key),
  );
  if (unknown.length > 0)
    throw new Error(`VMAlertmanagerConfig ${nameOf(config)}: the lab does not render ${unknown.join(', ')} of a route`);
  const routes = listOf(route['routes']).flatMap((inner) => (isMap(inner) ? [routeOf(config, inner)] : []));
  const receiver = textOf(route['receiver']);
  return {
    ...(routes.length > 0 && { routes }),
    ...Object.fromEntries(routeKeys.flatMap((key) => (route[key] === undefined ? [] : [[key, route[key]]]))),
    ...(receiver !== '' && { receiver: receiverName(config, receiver) }),
    continue: route['continue'] === true,
  };
}

function receiversOf(config: Item, secret: ReadSecret): JsonMap[] {
  return listOf(config.spec?.['receivers']).map((receiver) => {
    if (!isMap(receiver)) throw new Error(`VMAlertmanagerConfig ${nameOf(config)}: a receiver is not an object`);
    const others = Object.keys(receiver).filter((key) => key !== 'name' && key !== 'webhook_configs');
    if (others.length > 0)
      throw new Error(`VMAlertmanagerConfig ${nameOf(config)}: the lab does not render ${others.join(', ')}`);
    return {
      name: receiverName(config, textOf(receiver['name'])),
      webhook_configs: listOf(receiver['webhook_configs']).map((webhook) => webhookOf(config, webhook, secret)),
    };
  });
}

function webhookOf(config: Item, webhook: Json, secret: ReadSecret): JsonMap {
  const { url_secret: reference, url, ...rest } = isMap(webhook) ? webhook : {};
  const place = {
    namespace: namespaceOf(config),
    name: textOf(valueAt(reference, 'name')),
    key: textOf(valueAt(reference, 'key')),
  };
  return { ...rest, url: typeof url === 'string' ? url : secret(place) };
}
