import { type JsonMap, groupOf, isMap, listOf, specOf, textOf, valueAt } from '../kubernetesObject';
import type { ObjectPath } from '../sources';
import type { TreeObject } from '../tree';
import type { Check, LookedAt, RawFinding, RawNotChecked } from './check';
import { inventoryOf } from './facts/existence';
import { findingAt, notCheckedAt, show } from './finding';
import { gatewayApi, isRoute } from './routes';

/** The backends of a route, each with its path. */
function* backendsOf({ object }: TreeObject): Generator<{ path: ObjectPath; ref: JsonMap }> {
  for (const [index, rule] of listOf(specOf(object)['rules']).entries()) {
    for (const [at, ref] of listOf(valueAt(rule, 'backendRefs')).entries()) {
      if (isMap(ref)) yield { path: ['spec', 'rules', index, 'backendRefs', at], ref };
    }
    for (const [at, filter] of listOf(valueAt(rule, 'filters')).entries()) {
      const ref = valueAt(filter, 'requestMirror', 'backendRef');
      if (isMap(ref)) yield { path: ['spec', 'rules', index, 'filters', at, 'requestMirror', 'backendRef'], ref };
    }
  }
}

/** A port that the Service of a route does not have. */
export const routeBackendPort: Check = {
  id: 'route-backend-port',
  severity: 'error',
  set: 'general',
  why: 'The Gateway answers such requests with an error.',
  *run(tree): Generator<RawFinding | RawNotChecked | LookedAt> {
    for (const cluster of tree.clusters) {
      for (const route of cluster.objects.filter(isRoute)) {
        for (const { path, ref } of backendsOf(route)) {
          if (textOf(ref['kind'], 'Service') !== 'Service' || textOf(ref['group']) !== '') continue;
          const namespace = textOf(ref['namespace'], route.object.metadata.namespace);
          const shown = `Service ${namespace}/${textOf(ref['name'])}`;
          yield { places: 1 };
          if (ref['port'] === undefined) {
            yield findingAt(tree, cluster, route, path, `names no port of ${shown}`, 'add the port');
            continue;
          }
          const found = inventoryOf(tree, cluster).find({ kind: '/Service', namespace, name: textOf(ref['name']) });
          if (found === 'missing') continue;
          if (found === 'made' || 'unknown' in found) {
            yield notCheckedAt(
              cluster,
              route,
              path,
              'Git does not hold the Service',
              `whether ${shown} has port ${show(ref['port'])}`,
            );
            continue;
          }
          const ports = listOf(specOf(found.object.object)['ports']).map((entry) => valueAt(entry, 'port'));
          if (ports.includes(ref['port'])) continue;
          const what = `sends to port ${show(ref['port'])} of ${shown}, which has ${ports.map(show).join(', ') || 'none'}`;
          yield findingAt(tree, cluster, route, [...path, 'port'], what, 'use a port of the Service, not of its pods');
        }
      }
    }
  },
};

/** The references to another namespace that a ReferenceGrant there has to allow. */
function* foreignReferences(object: TreeObject): Generator<{ path: ObjectPath; ref: JsonMap; kind: string }> {
  if (isRoute(object)) {
    for (const { path, ref } of backendsOf(object)) yield { path, ref, kind: textOf(ref['kind'], 'Service') };
  }
  if (groupOf(object.object) !== gatewayApi || object.object.kind !== 'Gateway') return;
  for (const [index, listener] of listOf(specOf(object.object)['listeners']).entries()) {
    for (const [at, ref] of listOf(valueAt(listener, 'tls', 'certificateRefs')).entries()) {
      const path = ['spec', 'listeners', index, 'tls', 'certificateRefs', at];
      if (isMap(ref)) yield { path, ref, kind: textOf(ref['kind'], 'Secret') };
    }
  }
}

function grants({ object: grant }: TreeObject, { object: from }: TreeObject, kind: string, ref: JsonMap): boolean {
  const allowsFrom = listOf(specOf(grant)['from']).some(
    (entry) =>
      valueAt(entry, 'kind') === from.kind &&
      textOf(valueAt(entry, 'group')) === gatewayApi &&
      valueAt(entry, 'namespace') === from.metadata.namespace,
  );
  return (
    allowsFrom &&
    listOf(specOf(grant)['to']).some((entry) => {
      const name = valueAt(entry, 'name');
      const group = textOf(valueAt(entry, 'group'));
      return (
        valueAt(entry, 'kind') === kind &&
        group === textOf(ref['group']) &&
        (name === undefined || name === ref['name'])
      );
    })
  );
}

/** A backend or certificate in another namespace, which does not allow that. */
export const referenceNotGranted: Check = {
  id: 'reference-not-granted',
  severity: 'error',
  set: 'general',
  why: 'Gateway API ignores references to other namespaces without a ReferenceGrant there.',
  *run(tree): Generator<RawFinding | RawNotChecked | LookedAt> {
    for (const cluster of tree.clusters) {
      const inventory = inventoryOf(tree, cluster);
      const all = inventory.ofKind(`${gatewayApi}/ReferenceGrant`);
      for (const object of cluster.objects) {
        for (const { path, ref, kind } of foreignReferences(object)) {
          const namespace = textOf(ref['namespace'], object.object.metadata.namespace);
          if (namespace === object.object.metadata.namespace) continue;
          yield { places: 1 };
          const there = all.filter((grant) => grant.object.metadata.namespace === namespace);
          if (there.some((grant) => grants(grant, object, kind, ref))) continue;
          const shown = `${kind} ${namespace}/${textOf(ref['name'])}`;
          const existence = inventory.find({ kind: `${gatewayApi}/ReferenceGrant`, namespace, name: '' });
          if (typeof existence === 'object' && 'unknown' in existence) {
            yield notCheckedAt(cluster, object, path, existence.unknown, `whether a ReferenceGrant allows ${shown}`);
            continue;
          }
          const what = `uses ${shown}, but no ReferenceGrant in ${namespace} allows it`;
          const todo = `add a ReferenceGrant in ${namespace} from ${object.object.kind} in ${object.object.metadata.namespace ?? ''} to ${kind}`;
          yield findingAt(tree, cluster, object, [...path, 'namespace'], what, todo);
        }
      }
    }
  },
};
