import type { HandoverInputs, PhasesSeconds, PhaseTimes } from '../inputs';

/**
 * Durations of the phases, in seconds with one decimal. The Talos phase ends when the Kubernetes API is ready, which is
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
  return Math.round((Date.parse(to) - Date.parse(from)) / 100) / 10;
}
