import type { HandoverInputs, PhasesSeconds, PhaseTimes } from '../inputs';

/**
 * Durations of the phases, in seconds with one decimal. The Talos phase starts with the first machine that is configured, and ends when the Kubernetes API is ready, which is
 * when the CRD phase starts. The handover is the last phase.
 */
export function phasesSeconds(phases: HandoverInputs['phases'], handover: PhaseTimes): PhasesSeconds {
  const { talos, crds, core } = phases;
  return {
    talos: seconds(talos.startedAt, crds.startedAt),
    crds: seconds(crds.startedAt, crds.finishedAt),
    core: seconds(core.startedAt, core.finishedAt),
    handover: seconds(handover.startedAt, handover.finishedAt),
    total: seconds(talos.startedAt, handover.finishedAt),
  };
}

function seconds(from: string, to: string): number {
  // An upgrade of the program between two runs can record a start after the end.
  return Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 100) / 10);
}

/** The architecture's targets per cluster, in seconds (section 20); it has none for the handover alone. */
const targetSeconds = { talos: 7 * 60, crds: 2 * 60, core: 6 * 60, total: 20 * 60 } as const;

const phaseNames = { talos: 'Talos', crds: 'CRDs', core: 'core', handover: 'handover', total: 'total' } as const;

/** One line per phase with its duration and target; `late` if it took longer. */
export function phaseLines(phases: PhasesSeconds): { text: string; late: boolean }[] {
  return (Object.keys(phaseNames) as (keyof PhasesSeconds)[]).map((phase) => {
    const target = phase === 'handover' ? undefined : targetSeconds[phase];
    const took = `phase ${phaseNames[phase]}: ${phases[phase]} s`;
    if (target === undefined) return { text: took, late: false };
    const late = phases[phase] > target;
    return { text: `${took}, ${late ? 'longer than the' : 'within the'} target of ${target / 60} minutes`, late };
  });
}
