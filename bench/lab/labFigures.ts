import type { Figure } from '../result';

/** The figures of a lab benchmark: seconds until its clusters are handed over, and against one cluster if that ran too. */
export function labFigures(result: { seconds?: number; together?: { seconds: number }; ratio?: number }): Figure[] {
  const seconds = result.seconds ?? result.together?.seconds;
  const figures: Figure[] = [];
  if (seconds !== undefined) figures.push({ name: 'lab up', value: seconds, unit: 's', target: 120 });
  if (result.ratio !== undefined) {
    figures.push({ name: 'all clusters against one', value: result.ratio, unit: '', target: 1.5 });
  }
  return figures;
}
