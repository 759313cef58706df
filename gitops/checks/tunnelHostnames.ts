import { describeObject, listOf, valueAt } from '../kubernetesObject';
import type { Tree, TreeCluster } from '../tree';
import type { Check, LookedAt, RawFinding } from './check';
import { inventoryOf } from './facts/existence';
import { type TunnelConfig, tunnelConfigs } from './facts/tunnelConfigs';
import { gatewayApi, hostnamesMeet, hostnamesOf, parentsOf } from './routes';

/** A hostname of a tunnel, and the Gateway that it is sent to. */
interface Published {
  hostname: string;
  gateway: { namespace: string; name: string };
}

/**
 * The single hostnames that a tunnel sends to a Gateway of Cilium, by the name of the Service that Cilium makes for one. A
 * wildcard is left out: it is there for routes to come.
 */
function publishedBy({ value }: TunnelConfig): Published[] {
  return listOf(valueAt(value, 'ingress')).flatMap((rule) => {
    const [hostname, service] = ['hostname', 'service'].map((key) => valueAt(rule, key));
    if (typeof hostname !== 'string' || typeof service !== 'string' || hostname === '' || hostname.startsWith('*'))
      return [];
    const [, name, namespace] =
      /^https?:\/\/cilium-gateway-([a-z0-9-]+)\.([a-z0-9-]+)\.svc[.:/]/.exec(`${service}/`) ?? [];
    if (name === undefined || namespace === undefined) return [];
    return [{ hostname: hostname.toLowerCase(), gateway: { namespace, name } }];
  });
}

/** A hostname that a tunnel sends to a Gateway on which no route has it. */
export const tunnelHostnameUnrouted: Check = {
  id: 'tunnel-hostname-unrouted',
  severity: 'error',
  set: 'general',
  why: 'The name is public, and the Gateway answers every request for it with 404.',
  *run(tree): Generator<RawFinding | LookedAt> {
    for (const cluster of tree.clusters) yield* judge(tree, cluster);
  },
};

function* judge(tree: Tree, cluster: TreeCluster): Generator<RawFinding | LookedAt> {
  const inventory = inventoryOf(tree, cluster);
  // A route that is not in Git may have the name.
  if (inventory.whyIncomplete !== undefined) return;
  const routes = [...parentsOf(tree, cluster)];
  for (const config of tunnelConfigs(tree, cluster)) {
    for (const { hostname, gateway } of publishedBy(config)) {
      // A missing Gateway is reported by reference-missing, for the Service.
      const found = inventory.find({ kind: `${gatewayApi}/Gateway`, ...gateway });
      if (typeof found === 'string' || !('object' in found)) continue;
      yield { places: 1 };
      const shown = `Gateway ${gateway.namespace}/${gateway.name}`;
      const own = routes.filter((parent) => parent.shown === shown).map(({ route }) => hostnamesOf(route));
      if (own.some((names) => names.length === 0 || names.some((name) => hostnamesMeet(name, hostname)))) continue;
      const what = `sends ${hostname} to ${shown}, which has no route for it`;
      const todo = `attach an HTTPRoute with this hostname to ${shown}, or remove the rule`;
      yield { at: config.at, object: describeObject(config.from.object), what, todo, clusters: [cluster.name] };
    }
  }
}
