import type { KubernetesClient } from '../../clients/kubernetes/client';
import { archiveNames } from './archiveNames';
import type { Lookup } from './refusals';
import type { ReportedObject } from './reportedObject';

/** A lookup that reads each path once, for one round. The last argument is the one of {@link Lookup}. */
export function cachedLookup(api: KubernetesClient, gatewayApiProblem?: string): Lookup {
  const objects = new Map<string, Promise<ReportedObject | undefined>>();
  const lists = new Map<string, Promise<ReportedObject[]>>();
  return {
    gatewayApiProblem,
    archiveNames,
    get: (path) => {
      const read = objects.get(path) ?? api.get<ReportedObject>(path);
      objects.set(path, read);
      return read;
    },
    list: (path) => {
      const read = lists.get(path) ?? api.list<ReportedObject>(path);
      lists.set(path, read);
      return read;
    },
  };
}
