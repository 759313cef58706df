import type { Check } from '../../../gitops/checks/check';
import { levelOf } from '../../../gitops/checks/facts/pods';
import { workloadWithoutBudget, withoutBudget } from '../../../gitops/checks/budgets';
import { checkWorkload } from '../../../gitops/checks/workloads';
import { type KubernetesObject, describeObject } from '../../../gitops/kubernetesObject';
import { type RenderedChart, changedAfterwards } from './renderCharts';

/** A finding names at most this many workloads. */
const maxListed = 4;

/** What a rule found in the workloads of one release's chart. */
export interface ChartWorkloadFinding extends Pick<Check, 'id' | 'severity' | 'why'> {
  chart: RenderedChart;
  todo: string;
  what: string;
}

type WorkloadRule = Omit<ChartWorkloadFinding, 'chart' | 'what'>;

/** Runs the workload rules on what charts render. Returns one finding per release and rule, listing the workloads. */
export function chartWorkloadFindings(rendered: readonly RenderedChart[]): ChartWorkloadFinding[] {
  const objectsOf = new Map(rendered.map((chart) => [chart, withNamespaces(chart)]));
  return rendered.flatMap((chart) => {
    const found = new Map<string, { rule: WorkloadRule; workloads: string[] }>();
    const add = (rule: WorkloadRule, object: KubernetesObject, what: string): void => {
      const entry = found.get(rule.id) ?? { rule, workloads: [] };
      found.set(rule.id, entry);
      entry.workloads.push(`${describeObject(object)} ${what}`);
    };
    const own = objectsOf.get(chart) ?? [];
    for (const object of own) {
      for (const { id, severity, why, todo, what } of checkWorkload(
        object,
        levelOf(chart.cluster, object.metadata.namespace),
      )) {
        add({ id, severity, why, todo: `${todo}; set it in the chart's values` }, object, what);
      }
    }
    // Git or another chart may contain the budget for a chart's pods.
    const sameCluster = rendered.filter(({ cluster }) => cluster === chart.cluster);
    const fromCharts = sameCluster.flatMap((other) => objectsOf.get(other) ?? []);
    const everything = [...fromCharts, ...chart.cluster.objects.map(({ object }) => object)];
    const { id, severity, why } = workloadWithoutBudget;
    for (const { object, replicas } of withoutBudget(everything)) {
      if (!own.includes(object)) continue;
      const todo = "enable the budget in the chart's values, or add a PodDisruptionBudget";
      add({ id, severity, why, todo }, object, `runs ${replicas} replicas without a PodDisruptionBudget`);
    }
    return [...found.values()].map(({ rule, workloads }) => ({
      ...rule,
      // A separate id, so that a run without charts does not report its exemption as stale.
      id: `chart-${rule.id}`,
      chart,
      what: `its chart renders ${listed(workloads)}`,
    }));
  });
}

/** The objects that a release's chart renders, with the release's namespace where they set none. */
function withNamespaces(chart: RenderedChart): KubernetesObject[] {
  const { objects = [], release } = chart;
  // What changes them afterwards may fix what a rule would report.
  if (typeof release === 'string' || changedAfterwards(chart) !== undefined) return [];
  return objects.map((object) => ({ ...object, metadata: { namespace: release.namespace, ...object.metadata } }));
}

function listed(workloads: readonly string[]): string {
  const rest = workloads.length - maxListed;
  return `${workloads.slice(0, maxListed).join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`;
}
