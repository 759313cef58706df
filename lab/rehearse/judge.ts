import { createHash } from 'node:crypto';
import type { LayerName, StackDrift } from '../../cli/drift/drift';
import type { Expected, Tamper } from './tamper';

/** What a run said of a tamper. */
export interface Judgement {
  name: string;
  layer: Tamper['layer'];
  passed: boolean;
  /** Expected findings that the run lacks, as text. */
  missing: string[];
  /** Findings, and layers that could not tell, that were not expected, as text. */
  unexpected: string[];
  seconds: number;
}

/** Whether a run found exactly what a tamper must lead to: nothing less, nothing else. */
export function judge(
  { name, layer, expect, couldNotTell = [] }: Pick<Tamper, 'name' | 'layer' | 'expect' | 'couldNotTell'>,
  { drift, couldNotTell: unknown, seconds }: Pick<StackDrift, 'drift' | 'couldNotTell' | 'seconds'>,
): Judgement {
  const found = drift.map(textOf);
  const wanted = expect.map(textOf);
  const layersUnknown = [...new Set(unknown.map((one) => one.layer))];
  const lacking = couldNotTell.filter((one) => !layersUnknown.includes(one));
  const missing = [
    ...wanted.filter((text) => !found.includes(text)),
    ...lacking.map((one) => `${one}: could not tell`),
  ];
  const unexpected = [
    ...drift.filter((one) => !wanted.includes(textOf(one))).map((one) => `${textOf(one)} (${one.id})`),
    ...unknown
      .filter((one) => !couldNotTell.includes(one.layer))
      .map((one) => `${one.layer}: could not tell ${one.object}: ${one.why}`),
  ];
  return { name, layer, passed: missing.length + unexpected.length === 0, missing, unexpected, seconds };
}

function textOf({ layer, object, field }: Expected): string {
  return `${layer}: ${object}${field === undefined ? '' : ` ${field}`}`;
}

/** A sample of the tampers, the same for the same seed: layers take turns, so that few of them still cover all layers. */
export function sampleOf(tampers: readonly Tamper[], count: number, seed: string): Tamper[] {
  const rank = (text: string): string => createHash('sha256').update(`${seed} ${text}`).digest('hex');
  const byLayer = new Map<LayerName | 'none', Tamper[]>();
  for (const tamper of tampers.toSorted((a, b) => rank(a.name).localeCompare(rank(b.name)))) {
    byLayer.set(tamper.layer, [...(byLayer.get(tamper.layer) ?? []), tamper]);
  }
  const turns = [...byLayer.values()].flatMap((layer) => layer.map((tamper, turn) => ({ tamper, turn })));
  return turns
    .toSorted((a, b) => a.turn - b.turn || rank(a.tamper.layer).localeCompare(rank(b.tamper.layer)))
    .slice(0, count)
    .map(({ tamper }) => tamper);
}
