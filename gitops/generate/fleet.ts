/** What is generated depends on which systems each cluster lists, and on nothing else. */
export interface ListedCluster {
  name: string;
  /** Names of the systems in `kubernetes/systems` that its entry point lists. */
  systems: ReadonlySet<string>;
}

/** The system whose cluster stores the metrics, and by that everything else, of all clusters. */
export const storeSystem = 'metrics-store';

/** The system of a cluster that sends what it collects to the cluster that stores. */
export const remoteStoreSystem = 'metrics-store-remote';

/** Systems that send something to the cluster that stores. */
const senders = ['metrics', 'logs', 'traces', 'flux-alerts'];

/** What is wrong with the fleet as a whole. */
export interface FleetProblem {
  /** The cluster whose list has to change. */
  cluster: string;
  /** The system in that list. */
  system: string;
  what: string;
  todo: string;
}

/** The cluster that stores; undefined if none does, or more than one. */
export function storingCluster(fleet: readonly ListedCluster[]): ListedCluster | undefined {
  const storing = fleet.filter(({ systems }) => systems.has(storeSystem));
  return storing.length === 1 ? storing[0] : undefined;
}

/**
 * Clusters of which not exactly one stores what the others send. A fleet that sends nothing, or with one cluster that keeps
 * its own, is fine.
 */
export function fleetProblems(fleet: readonly ListedCluster[]): FleetProblem[] {
  const storing = fleet.filter(({ systems }) => systems.has(storeSystem));
  const [first] = storing;
  const twice = storing.slice(1).map(({ name }) => ({
    cluster: name,
    system: storeSystem,
    what: `stores metrics, and so does ${first?.name ?? ''}`,
    todo: `list ${storeSystem} on one of them, and ${remoteStoreSystem} on the other`,
  }));
  const remote = fleet.filter(({ systems }) => systems.has(remoteStoreSystem));
  const nowhere = first === undefined ? remote : [];
  const lost = fleet.flatMap(({ name, systems }) => {
    const system = senders.find((one) => systems.has(one));
    if (system === undefined || systems.has(storeSystem) || systems.has(remoteStoreSystem)) return [];
    return [{ name, system }];
  });
  const both = remote.filter(({ systems }) => systems.has(storeSystem));
  return [
    ...twice,
    ...nowhere.map(({ name }) => ({
      cluster: name,
      system: remoteStoreSystem,
      what: 'sends its metrics to another cluster, but none stores them',
      todo: `list ${storeSystem} on one cluster`,
    })),
    ...lost.map(({ name, system }) => ({
      cluster: name,
      system,
      what: `lists ${system}, but sends to no cluster that stores`,
      todo: `list ${first === undefined ? storeSystem : remoteStoreSystem} there, or remove ${system}`,
    })),
    ...both.map(({ name }) => ({
      cluster: name,
      system: remoteStoreSystem,
      what: 'both stores metrics and sends them elsewhere',
      todo: `remove ${storeSystem} or ${remoteStoreSystem} from its list`,
    })),
  ];
}
