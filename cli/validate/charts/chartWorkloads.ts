import type { Check } from '../../../gitops/checks/check';
import { levelOf } from '../../../gitops/checks/security/podSecurity';
import { workloadWithoutBudget, withoutBudget } from '../../../gitops/checks/workloads/budgets';
import { checkWorkload } from '../../../gitops/checks/workloads';
import { type KubernetesObject, describeObject } from '../../../gitops/kubernetesObject';
import type { RenderedChart } from './renderCharts';

/** How many workloads a finding names. */
const named = 4;

/** What a rule says of the workloads that one release's chart renders. */
export interface ChartWorkloadFault extends Pick<Check, 'id' | 'severity' | 'why'> {
  one: RenderedChart;
  todo: string;
  what: string;
}

/** Holds the rules for workloads against what charts render: for each release and rule one fault, with the workloads. */
export function chartWorkloadFaults(rendered: readonly RenderedChart[]): ChartWorkloadFault[] {
  const objects = new Map(rendered.map((one) => [one, placed(one)]));
  return rendered.flatMap((one) => {
    const faults = new Map<string, { about: Omit<ChartWorkloadFault, 'one' | 'what'>; places: string[] }>();
    const add = (about: Omit<ChartWorkloadFault, 'one' | 'what'>, object: KubernetesObject, what: string): void => {
      const known = faults.get(about.id) ?? { about, places: [] };
      faults.set(about.id, known);
      known.places.push(`${describeObject(object)} ${what}`);
    };
    const own = objects.get(one) ?? [];
    for (const object of own) {
      for (const { id, severity, why, todo, what } of checkWorkload(
        object,
        levelOf(one.cluster, object.metadata.namespace),
      )) {
        add({ id, severity, why, todo: `${todo}; by the chart's values` }, object, what);
      }
    }
    // A budget for a chart's pods may stand in Git, or in another chart.
    const others = rendered.filter(({ cluster }) => cluster === one.cluster).flatMap((each) => objects.get(each) ?? []);
    const everything = [...others, ...one.cluster.objects.map(({ object }) => object)];
    const { id, severity, why } = workloadWithoutBudget;
    for (const { object, replicas } of withoutBudget(everything)) {
      if (!own.includes(object)) continue;
      const todo = 'turn on the budget in the values of the chart, or add a PodDisruptionBudget';
      add({ id, severity, why, todo }, object, `runs ${replicas} replicas without a PodDisruptionBudget`);
    }
    return [...faults.values()].map(({ about, places }) => ({
      ...about,
      // Ids of their own: what is excused in charts cannot be called stale by a run that does not look into them.
      id: `chart-${about.id}`,
      one,
      what: `its chart renders ${listed(places)}`,
    }));
  });
}

/** What a release's chart renders, in the namespace that Helm installs it into where it names none. */
function placed({ objects = [], release }: RenderedChart): KubernetesObject[] {
  // What is changed after rendering may have been changed there.
  if (typeof release === 'string' || release.changedAfterwards !== undefined) return [];
  return objects.map((object) => ({ ...object, metadata: { namespace: release.namespace, ...object.metadata } }));
}

function listed(places: readonly string[]): string {
  const rest = places.length - named;
  return `${places.slice(0, named).join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`;
}
