import { type Json, describeObject, isMap, listOf, valueAt } from '../kubernetesObject';
import type { Check, LookedAt, RawFinding } from './check';
import { tunnelConfigs } from './facts/tunnelConfigs';
import { show } from './finding';

/** Something that cloudflared refuses, and what to do. */
interface Refused {
  what: string;
  todo: string;
}

const text = (value: Json | undefined): string => (value === undefined || value === null ? '' : show(value));

/** Why cloudflared refuses the service of a rule. */
function refusedService(service: string): string | undefined {
  if (/^(unix(\+tls)?:|hello[_-]?world$|bastion$|socks-proxy$)/.test(service)) return undefined;
  if (service.startsWith('http_status:')) {
    return /^http_status:[1-9]\d\d$/.test(service) ? undefined : 'is not an HTTP status';
  }
  const url = /^[a-z][a-z0-9+.-]*:\/\/(?:\[[^\]]+\]|[^/:?#]+)(?::\d+)?(.*)$/i.exec(service);
  if (url === null) return 'is not a URL with a scheme and a host';
  return (url[1] ?? '').startsWith('/') ? 'has a path, but the path is that of the request' : undefined;
}

/** What cloudflared refuses in its ingress rules (validateIngress in ingress/ingress.go, 2025.10). */
export function refusedRules(ingress: Json | undefined): Refused[] {
  const rules = listOf(ingress);
  if (rules.length === 0) {
    return [{ what: 'has no ingress rules', todo: 'list them, the last one as a catch-all: service: http_status:404' }];
  }
  return rules.flatMap((rule, index) => {
    const [hostname, path, service] = ['hostname', 'path', 'service'].map((key) => text(valueAt(rule, key)));
    const shown = `ingress rule ${index + 1}${hostname ? ` for ${hostname}` : ''}`;
    const refused: Refused[] = [];
    const isLast = index === rules.length - 1;
    const catchesAll = (hostname === '' || hostname === '*') && path === '';
    if (!isMap(rule)) return [{ what: `has an ${shown} that is not a map`, todo: 'write hostname and service' }];
    if (isLast && !catchesAll) {
      const what = `ends with the ${shown}, which does not match every request`;
      refused.push({ what, todo: 'add a last rule without hostname and path: service: http_status:404' });
    }
    if (!isLast && catchesAll) {
      const what = `has a catch-all as ${shown}, before others that are never reached`;
      refused.push({ what, todo: 'move it to the end, or give it a hostname' });
    }
    if ((hostname ?? '').lastIndexOf('*') > 0) {
      const what = `has an ${shown} with a wildcard that is not its first label`;
      refused.push({ what, todo: 'write *.example.com' });
    }
    if (/:\d*$/.test(hostname ?? '')) {
      refused.push({ what: `has an ${shown} with a port`, todo: 'leave the port out' });
    }
    const reason = refusedService(service ?? '');
    if (reason !== undefined) {
      const what = `has an ${shown} whose service ${service ? `${service} ` : ''}${service ? reason : 'is missing'}`;
      refused.push({ what, todo: 'write a URL like http://name.namespace.svc.cluster.local:80, or http_status:404' });
    }
    return refused;
  });
}

/** Ingress rules with which cloudflared does not start. */
export const tunnelRefused: Check = {
  id: 'tunnel-refused',
  severity: 'error',
  set: 'general',
  why: 'cloudflared checks its configuration before it connects, and exits: nothing of the tunnel is reachable.',
  *run(tree): Generator<RawFinding | LookedAt> {
    for (const cluster of tree.clusters) {
      for (const { from, at, value } of tunnelConfigs(tree, cluster)) {
        yield { places: 1 };
        const refused = isMap(value)
          ? refusedRules(value['ingress'])
          : [{ what: 'has a configuration of cloudflared that is not YAML', todo: 'fix it' }];
        for (const { what, todo } of refused) {
          yield { at, object: describeObject(from.object), what, todo, clusters: [cluster.name] };
        }
      }
    }
  },
};
