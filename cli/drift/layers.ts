import type { DriftContext } from './context';
import { compareCore } from './core/coreLayer';
import type { LayerFindings, LayerName } from './drift';
import { checkEdge } from './edge/checkEdge';
import { compareFlux } from './flux/fluxLayer';
import { compareMachines } from './machines/machines';
import { comparePulumi } from './pulumi/comparePulumi';
import { checkSecrets } from './secrets/checkSecrets';

/** Compares one layer. What it throws is reported as "could not tell". */
export type CheckLayer = (context: DriftContext) => Promise<LayerFindings>;

/** The layers that a drift run compares. */
export const layers: Partial<Record<LayerName, CheckLayer>> = {
  machines: (context) => compareMachines(context),
  pulumi: (context) => comparePulumi(context),
  core: (context) => compareCore(context),
  flux: (context) => compareFlux(context),
  secrets: (context) => checkSecrets(context),
  edge: (context) => checkEdge(context),
};
