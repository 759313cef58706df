import { openContext } from '../../cli/drift/context';
import { driftExit } from '../../cli/drift/drift';
import { readIgnoreList } from '../../cli/drift/ignored';
import { runDrift } from '../../cli/drift/runDrift';
import { messageOf } from '../../clients/userError';
import { projectDir } from '../up/project';
import { savedContext } from '../up/savedContext';
import { judge, type Judgement, sampleOf } from './judge';
import type { Tamper } from './tamper';
import { coreTampers } from './tampers/core';
import { edgeTampers } from './tampers/edge';
import { fluxTampers } from './tampers/flux';
import { machineTampers } from './tampers/machines';
import { negatives } from './tampers/negatives';
import { pulumiTampers } from './tampers/pulumi';
import { secretTampers } from './tampers/secrets';
import { World } from './world';

/** What a rehearsal runs. */
export interface RehearsalOptions {
  /** The checkout, with a running lab. */
  root: string;
  stack: string;
  /** How many tampers, chosen by the seed; all of them if absent. */
  sample?: number;
  seed: string;
  /** Only tampers whose names start with one of these. */
  only: readonly string[];
  signal: AbortSignal;
  progress: (line: string) => void;
}

/** All tampers of a stack. */
export async function allTampers(world: World): Promise<Tamper[]> {
  return [
    ...(await machineTampers(world)),
    ...(await pulumiTampers(world)),
    ...coreTampers(),
    ...fluxTampers(),
    ...secretTampers(world),
    ...edgeTampers(world),
    ...negatives(),
  ];
}

/**
 * Tampers with a running lab, one thing at a time, and has each of them found by a drift run: in its layer, by object and field,
 * and nothing else. Begins and ends with a run that must find nothing. Undoes everything, also on failure.
 */
export async function rehearseDrift(options: RehearsalOptions): Promise<Judgement[]> {
  const { root, stack, signal, progress, only, sample, seed } = options;
  const lab = savedContext(root);
  const project = projectDir(lab.dir);
  const given = {};
  // Its own signal: an interrupted rehearsal still undoes what it did.
  const undoing = new AbortController().signal;
  const { context, close } = await openContext({ stack, root, project, given, signal: undoing, note: progress });
  const ignore = readIgnoreList(root, new Date().toISOString().slice(0, 10));
  const quiet = { started: () => undefined, finished: () => undefined, note: () => undefined };
  const look = (tamper: Pick<Tamper, 'name' | 'layer' | 'expect' | 'couldNotTell'>): Promise<Judgement> =>
    runDrift({ stack, root, project, given, ignore, progress: quiet, signal }).then((found) => judge(tamper, found));
  const judgements: Judgement[] = [];
  const keep = (judgement: Judgement): void => {
    judgements.push(judgement);
    progress(describe(judgement));
  };
  try {
    const world = await World.open(lab, context);
    const all = (await allTampers(world)).filter(
      ({ name }) => only.length === 0 || only.some((start) => name.startsWith(start)),
    );
    const chosen = sample === undefined ? all : sampleOf(all, sample, seed);
    keep(await look({ name: 'clean-before', layer: 'none', expect: [] }));
    for (const tamper of chosen) {
      signal.throwIfAborted();
      keep(await rehearse(tamper, world, look));
    }
    keep(await look({ name: 'clean-after', layer: 'none', expect: [] }));
    return judgements;
  } finally {
    close();
  }
}

/** Tries again where Flux undid a tamper before the run could see it: its intervals end when they end. */
async function rehearse(
  tamper: Tamper,
  world: World,
  look: (tamper: Tamper) => Promise<Judgement>,
  attempts = 3,
): Promise<Judgement> {
  world.begin();
  try {
    const undo = await tamper.apply(world);
    try {
      const judgement = await look(tamper);
      if (judgement.missing.length === 0 || attempts === 1 || (await world.holds())) return judgement;
    } finally {
      await undo();
    }
  } catch (error) {
    const why = `it could not be rehearsed: ${messageOf(error)}`;
    return { ...tamper, passed: false, missing: [], unexpected: [why], seconds: 0 };
  }
  return rehearse(tamper, world, look, attempts - 1);
}

/** One line, and what was missing or too much below it. */
export function describe({ name, passed, missing, unexpected, seconds }: Judgement): string {
  const faults = [...missing.map((text) => `missing     ${text}`), ...unexpected.map((text) => `unexpected  ${text}`)];
  return [`${passed ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`, ...faults.map((text) => `         ${text}`)].join(
    '\n',
  );
}

/** The exit code of a rehearsal. */
export function exitCodeOf(judgements: readonly Judgement[]): number {
  return judgements.every(({ passed }) => passed) ? driftExit.none : driftExit.couldNotTell;
}
