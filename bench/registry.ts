import { benchDrift } from './drift';
import { benchLab } from './lab/benchLab';
import { labFigures } from './lab/labFigures';
import { benchPlan } from './plan';
import type { Benchmark } from './result';
import { benchScale } from './scale';
import { benchValidate } from './validate';

/** Every benchmark by name; `all` runs them in this order. */
export const benchmarks: Readonly<Record<string, Benchmark>> = {
  validate: benchValidate,
  plan: benchPlan,
  scale: benchScale,
  drift: benchDrift,
  lab: async (args) => {
    const result = await benchLab(args);
    return { ...result, figures: labFigures(result) };
  },
};
