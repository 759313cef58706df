import { describeObject, type KubernetesObject, valueAt } from '../../../gitops/kubernetesObject';
import { newestOf } from '../../../gitops/drift/releases';
import type { Drift } from '../drift';
import type { FluxObjects } from '../flux/fluxObjects';
import type { Unknowns } from './findings';

/** What a comparison of owners needs. */
export interface OwnersOptions {
  /** Reads the objects of Flux when nothing is being reconciled any more, or the run has waited long enough. */
  settled: () => Promise<FluxObjects>;
  /** Reads them as they are now. */
  read: () => Promise<FluxObjects>;
  /** The owners to compare. */
  select: (objects: FluxObjects) => FluxObjects['all'];
  /** Compares what some owners applied. */
  compare: (owners: readonly KubernetesObject[], objects: FluxObjects) => Promise<{ owner: string; found: Drift[] }[]>;
  unknowns: Unknowns;
}

const rounds = 3;

/**
 * Compares what owners applied, as long as the owners stay as they are: what an owner that applied something else meanwhile, or is
 * being reconciled, was compared with may be over, so it is compared again.
 */
export async function whileUnchanged(first: FluxObjects, options: OwnersOptions): Promise<Drift[]> {
  const { select, compare, read, settled, unknowns } = options;
  const drift: Drift[] = [];
  let objects = first;
  let open: ReadonlySet<string> | undefined;
  for (let round = 0; round < rounds; round++) {
    if (round > 0) objects = await settled();
    const isOpen = ({ object }: FluxObjects['all'][number]): boolean => open?.has(describeObject(object)) ?? true;
    const owners = select(objects).filter(isOpen);
    const busy = owners.filter(({ state }) => state.is === 'reconciling').map(({ object }) => object);
    const still = owners.map(({ object }) => object).filter((object) => !busy.includes(object));
    const found = await compare(still, objects);
    const now = new Map((await read()).all.map((one) => [describeObject(one.object), one]));
    const changed = new Set(
      still
        .filter((object) => {
          const { object: after, state } = now.get(describeObject(object)) ?? {};
          return after === undefined || state?.is === 'reconciling' || appliedBy(after) !== appliedBy(object);
        })
        .map(describeObject),
    );
    drift.push(...found.filter(({ owner }) => !changed.has(owner)).flatMap((one) => one.found));
    open = new Set([...changed, ...busy.map(describeObject)]);
    if (open.size === 0) return drift;
  }
  for (const name of open ?? []) {
    unknowns.add(name, 'Flux is still reconciling it', 'run drift again later, or wait longer with --wait');
  }
  return drift;
}

/** What an owner applied last, as text. */
function appliedBy(object: KubernetesObject): string {
  const { generation } = object.metadata;
  return JSON.stringify([
    generation,
    valueAt(object, 'status', 'lastAppliedRevision') ?? null,
    newestOf(object) ?? null,
  ]);
}
