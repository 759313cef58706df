import { messageOf } from '../../clients/userError';
import { withoutExplained } from './causes';
import { type ContextOptions, type DriftContext, openContext } from './context';
import {
  compareLayer,
  type CouldNotTell,
  type Drift,
  type LayerFindings,
  type LayerName,
  layerNames,
  type StackDrift,
} from './drift';
import { applyIgnoreList, type IgnoreList } from './ignored';
import { layers as allLayers } from './layers';

/** Reports the progress of a run. */
export interface DriftProgress {
  started(stack: string, layer: string): void;
  finished(stack: string, layer: string, findings: Pick<LayerFindings, 'drift' | 'couldNotTell'>): void;
  note(stack: string, text: string): void;
}

/** Options of a run over one stack. */
export interface DriftOptions extends Omit<ContextOptions, 'note'> {
  ignore: IgnoreList;
  progress: DriftProgress;
  /** Compares other layers than all, for tests. */
  layers?: typeof allLayers;
}

/** Compares every layer of a stack, in parallel. Throws only if `signal` is aborted. */
export async function runDrift(options: DriftOptions): Promise<StackDrift> {
  const { stack, progress, signal, ignore, layers = allLayers } = options;
  const from = performance.now();
  const seconds = (): number => Math.round((performance.now() - from) / 100) / 10;
  let opened: Awaited<ReturnType<typeof openContext>>;
  progress.started(stack, 'configuration');
  try {
    opened = await openContext({ ...options, note: (text) => progress.note(stack, text) });
    progress.finished(stack, 'configuration', { drift: [], couldNotTell: [] });
  } catch (error) {
    signal.throwIfAborted();
    const [layer] = layerNames;
    const couldNotTell = [{ layer, object: `stack ${stack}`, why: messageOf(error), todo: 'correct it' }];
    progress.finished(stack, 'configuration', { drift: [], couldNotTell });
    return { stack, drift: [], couldNotTell, ignored: [], compared: {}, seconds: seconds() };
  }
  try {
    const found = await compareLayers(opened.context, layers, progress);
    signal.throwIfAborted();
    const results = found.map(([, findings]) => findings);
    const { reported, ignored } = applyIgnoreList(withoutExplained(results.flatMap(({ drift }) => drift)), ignore.rows);
    return {
      stack,
      drift: reported.toSorted(compareDrift),
      couldNotTell: withoutRepeated(results.flatMap(({ couldNotTell }) => couldNotTell)),
      ignored,
      compared: Object.fromEntries(found.map(([layer, { compared }]) => [layer, compared])),
      seconds: seconds(),
    };
  } finally {
    opened.close();
  }
}

async function compareLayers(
  context: DriftContext,
  layers: typeof allLayers,
  progress: DriftProgress,
): Promise<[LayerName, LayerFindings][]> {
  const running = layerNames.flatMap((layer) => {
    const check = layers[layer];
    if (check === undefined) return [];
    progress.started(context.stack, layer);
    const compared = check(context)
      .catch((error: unknown): LayerFindings => ({
        drift: [],
        couldNotTell: [{ layer, object: `everything of ${layer}`, why: messageOf(error), todo: 'run drift again' }],
        compared: 0,
      }))
      .then((findings): [LayerName, LayerFindings] => {
        progress.finished(context.stack, layer, findings);
        return [layer, findings];
      });
    return [compared];
  });
  return Promise.all(running);
}

/** Each reason once for each layer and object. */
function withoutRepeated(all: readonly CouldNotTell[]): CouldNotTell[] {
  const seen = new Set<string>();
  return all.filter((one) => {
    const key = JSON.stringify(one);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** By layer, then by object and field. */
function compareDrift(a: Drift, b: Drift): number {
  return compareLayer(a, b) || a.object.localeCompare(b.object) || (a.field ?? '').localeCompare(b.field ?? '');
}
