import { mapConcurrently } from '../../../clients/process/mapConcurrently';
import { describeObject } from '../../../gitops/kubernetesObject';
import type { Drift } from '../drift';
import { type Comparer, compareObject, pause, type ObjectResult, type Wanted } from './compareObject';
import { fieldFinding, type Subject, type Unknowns } from './findings';

/** As many requests together as the client has connections. */
const atOnce = 8;

/** Ids of findings about objects, which differ by layer. */
export interface ObjectIds {
  missing: string;
  changed: string;
}

/** What a comparison of many objects needs. */
export interface CompareOptions {
  comparer: Comparer;
  unknowns: Unknowns;
  ids: ObjectIds;
  subject: (wanted: Wanted) => Subject;
  /** Fields that another finding tells. */
  isToldElsewhere?: (object: string, path: string) => boolean;
}

/** Compares objects. What differs is compared twice: only what holds at an unchanged object is drift. */
export async function compareAll(all: readonly Wanted[], options: CompareOptions): Promise<Drift[]> {
  const { comparer } = options;
  const first = await mapConcurrently(atOnce, all, async (wanted) => ({
    wanted,
    result: await compareObject(wanted, comparer),
  }));
  const confirmed = await mapConcurrently(atOnce, first, async ({ wanted, result }) => ({
    wanted,
    result: result.is === 'equal' || result.is === 'unknown' ? result : await stable(wanted, result, comparer),
  }));
  return confirmed.flatMap(({ wanted, result }) => findingsOf(wanted, result, options));
}

/** Compares again until two results are about the same version of the object. */
async function stable(wanted: Wanted, before: ObjectResult, comparer: Comparer): Promise<ObjectResult> {
  let last = before;
  for (let attempt = 1; attempt <= 5; attempt++) {
    const next = await compareObject(wanted, comparer);
    if (next.is === 'equal' || next.is === 'unknown' || versionOf(next) === versionOf(last)) return next;
    last = next;
    await pause(attempt, comparer.signal);
  }
  return { is: 'unknown', why: 'it changes all the time', todo: 'run drift again', everyKind: false };
}

function versionOf(result: ObjectResult): unknown {
  return 'live' in result ? result.live.metadata['resourceVersion'] : result.is;
}

function findingsOf(wanted: Wanted, result: ObjectResult, options: CompareOptions): Drift[] {
  const { ids, unknowns, isToldElsewhere = () => false } = options;
  const subject = options.subject(wanted);
  const { object } = wanted;
  switch (result.is) {
    case 'equal':
      return [];
    case 'missing':
      return [{ id: ids.missing, ...subject, wanted: 'present', why: 'it does not exist' }];
    case 'unserved': {
      const why = `the API server does not serve ${object.kind} in ${object.apiVersion}: its CRD is gone`;
      return [{ id: ids.missing, ...subject, wanted: 'present', why }];
    }
    case 'refused':
      return [{ id: ids.changed, ...subject, why: `its owner cannot apply it: ${result.why}` }];
    case 'unknown':
      if (result.everyKind) unknowns.addKind(object.kind, result.why, result.todo);
      else unknowns.add(describeObject(object), result.why, result.todo);
      return [];
    case 'different':
      return result.fields
        .filter(({ path }) => !isToldElsewhere(subject.object, path))
        .map((field) => fieldFinding(ids.changed, subject, field));
  }
}
